// Where things are on a node of Pulsar: agreed on by the files that are rendered and the machines that they are put on.

/** Ports, the same on every node. */
export const ports = {
  zookeeper: 2181,
  zookeeperPeers: 2888,
  zookeeperElection: 3888,
  zookeeperMetrics: 8001,
  bookie: 3181,
  bookieMetrics: 8000,
  /** Binary protocol over TLS, of brokers, proxies and a standalone broker. */
  broker: 6651,
  /** Administration and WebSocket over TLS. */
  web: 8443,
  /** Administration and metrics without TLS, for what runs on the node itself: no security group lets anybody else in. */
  localWeb: 8080,
} as const;

/** Files and folders, the same on every node. */
export const places = {
  /** The distribution, with `bin` and `lib` in it; `offloaders` is copied into it. */
  home: '/opt/pulsar',
  /** All that is rendered. */
  conf: '/etc/pulsar',
  /** Logs of the garbage collector, and the heap of a process that ran out of it; everything else goes to `/var/log/starquake`, one file a role. */
  logs: '/var/log/pulsar',
  zookeeper: '/data/zookeeper',
  /** Write-ahead log of a bookie: on a disk of its own. */
  journal: '/data/journal',
  /** Entries and their index, of a bookie. */
  ledgers: '/data/ledgers',
  /** Everything of a standalone broker. */
  standalone: '/data/standalone',
  /** While it is there, the node's broker or proxy takes part: what load balancers ask for is answered 404 without it. */
  status: '/etc/pulsar/in-service',
} as const;

const SECRETS = `${places.conf}/secrets`;

/** What comes out of Secrets Manager, each in a file that only the user `pulsar` may read. */
export const secretFiles = {
  /** The authority that signed the nodes' certificates, PEM. */
  authority: `${SECRETS}/ca.pem`,
  /** The node's certificate, and what leads from it to the authority, PEM. */
  certificate: `${SECRETS}/node.pem`,
  /** Its key, PKCS #8, PEM. */
  key: `${SECRETS}/node.key`,
  /** Checks tokens: RSA public key, X.509 SubjectPublicKeyInfo, DER (not PEM, not base64). */
  tokenPublicKey: `${SECRETS}/token-public.der`,
  /** Token of the role `broker`, with which brokers speak to each other. */
  brokerToken: `${SECRETS}/broker.token`,
  /** Token of the role `proxy`. */
  proxyToken: `${SECRETS}/proxy.token`,
  /** Token of the role `admin`, of the runbooks and of what registers a bookie. */
  adminToken: `${SECRETS}/admin.token`,
} as const;

/** Roles that tokens are made out to. */
export const tokenRoles = { admin: 'admin', broker: 'broker', proxy: 'proxy', connector: 'connector' } as const;
