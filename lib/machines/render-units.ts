// The services of a machine, as units of systemd: what runs, in which order, after which check, and what happens when it ends.
import { startCommand } from '../pulsar-config/node-commands.ts';
import { places } from '../pulsar-config/places.ts';
import { findEnvironment } from '../pulsar-config/render-environment.ts';
import type { Role } from './plan-nodes.ts';

/** A unit. */
export interface UnitFile {
  readonly name: string;
  readonly text: string;
}

/** What the units of a machine follow from. */
export interface UnitsOf {
  readonly roles: readonly Role[];
  /** Whether this machine makes the keys, the metadata and the namespace of the platform. */
  readonly isFirst: boolean;
}

const BIN = '/opt/starquake/bin';

type Section = readonly (readonly [key: string, value: string])[];

const render = (comment: string, sections: Readonly<Record<string, Section>>): string => {
  const texts = Object.entries(sections).map(([name, lines]) => `[${name}]\n${lines.map(([key, value]) => `${key}=${value}\n`).join('')}`);
  return `# ${comment}\n${texts.join('\n')}`;
};

/** A step that is done once a boot, before what needs it. */
const renderStep = (name: string, comment: string, unit: Section, service: Section): UnitFile => ({
  name: `starquake-${name}.service`,
  text: render(comment, {
    Unit: [['Description', `Starquake: ${name}`], ...unit],
    Service: [['Type', 'oneshot'], ['RemainAfterExit', 'yes'], ...service],
    Install: [['WantedBy', 'starquake.target']],
  }),
});

const listServices = (names: readonly string[]): string => names.map((name) => `starquake-${name}.service`).join(' ');

/** Nothing of these machines is started without the step. */
const after = (...names: readonly string[]): Section => [
  ['After', listServices(names)],
  ['Requires', listServices(names)],
];

/** Tries again for ever: a step that waits for other machines must not give up because they come late. */
const AGAIN: Section = [
  ['Restart', 'on-failure'],
  ['RestartSec', '10'],
];

/** What all else needs was tried for long enough: the machine starts anew, and with it everything that was not started. */
const REBOOT: readonly [string, string] = ['FailureAction', 'reboot'];

const HARDENED: Section = [
  ['NoNewPrivileges', 'true'],
  ['ProtectSystem', 'full'],
  ['ProtectHome', 'true'],
  ['PrivateTmp', 'true'],
  ['ProtectKernelTunables', 'true'],
  ['ProtectControlGroups', 'true'],
  ['RestrictSUIDSGID', 'true'],
];

interface PulsarProcess {
  readonly role: Exclude<Role, 'connector'>;
  readonly comment: string;
  /** Checks that hold before it starts, with the seconds that it waits for each. */
  readonly waitsFor: readonly (readonly [what: string, seconds: number])[];
  /** How long it may take until it is well, and how long it may take to end, seconds. */
  readonly startSeconds: number;
  readonly stopSeconds: number;
  /** Another role of the same machine that is up before it. */
  readonly follows: readonly Role[];
}

const processes: readonly PulsarProcess[] = [
  { role: 'standalone', comment: 'A whole Pulsar in one process.', waitsFor: [], startSeconds: 300, stopSeconds: 90, follows: [] },
  { role: 'zookeeper', comment: 'A member of the metadata store.', waitsFor: [], startSeconds: 120, stopSeconds: 30, follows: [] },
  {
    role: 'bookie',
    comment: 'A bookie: it keeps entries, and copies again what lost a copy.',
    waitsFor: [['metadata', 900]],
    startSeconds: 1200,
    stopSeconds: 60,
    follows: ['zookeeper'],
  },
  {
    role: 'broker',
    comment: 'A broker: on SIGTERM it hands its topics over one after another before it ends.',
    waitsFor: [['metadata', 900]],
    startSeconds: 1200,
    stopSeconds: 120,
    follows: ['bookie'],
  },
  {
    role: 'proxy',
    comment: 'A proxy for clients outside.',
    waitsFor: [['brokers', 900]],
    startSeconds: 1200,
    stopSeconds: 60,
    follows: [],
  },
];

/** What is well only while it is in service. */
const serving: readonly Role[] = ['standalone', 'broker', 'proxy'];

const renderProcess = (planned: PulsarProcess, roles: readonly Role[]): UnitFile => {
  const { role, comment, waitsFor, startSeconds, stopSeconds } = planned;
  const follows = planned.follows.filter((other) => roles.includes(other));
  return {
    name: `starquake-${role}.service`,
    text: render(comment, {
      Unit: [
        ['Description', `Starquake: ${role}`],
        [
          'After',
          [
            'network-online.target',
            'starquake-take-over.service',
            'starquake-keys.service',
            ...follows.map((other) => `starquake-${other}.service`),
          ].join(' '),
        ],
        ['Wants', 'network-online.target'],
        ['Requires', 'starquake-take-over.service starquake-keys.service'],
        ['StartLimitIntervalSec', '0'],
      ],
      Service: [
        ['Type', 'exec'],
        ['User', 'pulsar'],
        ['Group', 'pulsar'],
        ['WorkingDirectory', places.home],
        ['EnvironmentFile', findEnvironment(role)],
        ...waitsFor.map(([what, seconds]) => ['ExecStartPre', `${BIN}/check ${what} ${seconds}`] as const),
        ...(role === 'bookie' ? [['ExecStartPre', `${BIN}/prepare-bookie`] as const] : []),
        // As root, and before every start: whatever took it out of service, a restart that was cut off too, it comes back with the process.
        ...(serving.includes(role) ? [['ExecStartPre', `+/bin/sh -c 'echo OK >${places.status}'`] as const] : []),
        ['ExecStart', startCommand(role).join(' ')],
        // It is up when it answers, and what comes after it waits for that.
        ['ExecStartPost', `${BIN}/check ${role} 110`],
        ['Restart', 'always'],
        ['RestartSec', '2'],
        ['TimeoutStartSec', String(startSeconds)],
        ['TimeoutStopSec', String(stopSeconds)],
        // Java answers SIGTERM with 143.
        ['SuccessExitStatus', '143'],
        ['LimitNOFILE', '262144'],
        ['LimitNPROC', '65536'],
        ['OOMPolicy', 'stop'],
        ['StandardOutput', `append:/var/log/starquake/${role}.log`],
        ['StandardError', 'inherit'],
        ...HARDENED,
      ],
      Install: [['WantedBy', 'starquake.target']],
    }),
  };
};

const renderConnector = (roles: readonly Role[]): UnitFile => {
  const broker = roles.find((role) => role === 'broker' || role === 'standalone');
  return {
    name: 'starquake-connector.service',
    text: render('The connector: on SIGTERM it finishes what is in hand before it ends.', {
      Unit: [
        ['Description', 'Starquake connector'],
        [
          'After',
          ['network-online.target', 'starquake-keys.service', ...(broker === undefined ? [] : [`starquake-${broker}.service`])].join(' '),
        ],
        ['Wants', 'network-online.target'],
        ['Requires', 'starquake-keys.service'],
        ['StartLimitIntervalSec', '0'],
      ],
      Service: [
        ['Type', 'exec'],
        ['User', 'starquake'],
        ['Group', 'starquake'],
        ['EnvironmentFile', '/etc/starquake/connector.env'],
        ['WorkingDirectory', '/opt/starquake/connector'],
        ['ExecStartPre', `${BIN}/check brokers 900`],
        // The artefact brings its own Node.
        ['ExecStart', '/opt/starquake/connector/bin/node --enable-source-maps dist/src/connector/main.js'],
        ['Restart', 'always'],
        ['RestartSec', '2'],
        ['TimeoutStartSec', '1000'],
        ['KillSignal', 'SIGTERM'],
        // It drains for 25 s.
        ['TimeoutStopSec', '40'],
        ['ProtectSystem', 'strict'],
        ['PrivateDevices', 'true'],
        ['RestrictAddressFamilies', 'AF_INET AF_INET6 AF_UNIX'],
        ['LimitNOFILE', '65536'],
        ['MemoryAccounting', 'true'],
        ['OOMPolicy', 'stop'],
        ['StandardOutput', 'append:/var/log/starquake/connector.log'],
        ['StandardError', 'inherit'],
        ...HARDENED.filter(([key]) => key !== 'ProtectSystem'),
      ],
      Install: [['WantedBy', 'starquake.target']],
    }),
  };
};

const renderKeys = ({ isFirst }: UnitsOf): readonly UnitFile[] => [
  renderStep(
    'keys',
    'Brings keys, certificates and tokens to where the processes read them.',
    [...after('take-over'), REBOOT],
    [...(isFirst ? [['ExecStartPre', `${BIN}/make-keys`] as const] : []), ['ExecStart', `${BIN}/fetch-keys`], ['TimeoutStartSec', '1300']],
  ),
  {
    name: 'starquake-renewal.service',
    text: render('Fetches what was renewed; processes read their files again by themselves.', {
      Unit: [['Description', 'Starquake: renewed keys']],
      Service: [
        ['Type', 'oneshot'],
        ['ExecStart', `${BIN}/fetch-keys`],
        ['TimeoutStartSec', '1300'],
      ],
    }),
  },
  {
    name: 'starquake-renewal.timer',
    text: render('Every hour, not all machines at once.', {
      Unit: [['Description', 'Starquake: renewed keys']],
      Timer: [
        ['OnBootSec', '1h'],
        ['OnUnitActiveSec', '1h'],
        ['RandomizedDelaySec', '10min'],
      ],
      Install: [['WantedBy', 'starquake.target']],
    }),
  },
];

const renderFirst = ({ isFirst, roles }: UnitsOf): readonly UnitFile[] => {
  if (!isFirst) return [];
  const namespace = renderStep(
    'namespace',
    'Makes the tenant and the namespace of the engine, once.',
    [
      ['After', listServices(['keys', ...roles.filter((role) => role === 'broker' || role === 'standalone')])],
      ['StartLimitIntervalSec', '0'],
    ],
    [
      ['User', 'pulsar'],
      ['ExecStartPre', `${BIN}/check brokers 900`],
      ['ExecStart', `${BIN}/prepare-namespace`],
      ['TimeoutStartSec', '1800'],
      ...AGAIN,
    ],
  );
  if (!roles.includes('zookeeper')) return [namespace];
  const metadata = renderStep(
    'metadata',
    'Lays down the metadata of the cluster, exactly once in its life.',
    [
      ['After', listServices(['keys', 'zookeeper'])],
      ['StartLimitIntervalSec', '0'],
    ],
    [['User', 'pulsar'], ['ExecStart', `${BIN}/prepare-metadata`], ['TimeoutStartSec', '1800'], ...AGAIN],
  );
  return [metadata, namespace];
};

const rackStep = renderStep(
  'rack',
  'Tells the cluster in which zone this bookie is, so that copies lie in different ones.',
  [
    ['After', 'starquake-bookie.service'],
    ['StartLimitIntervalSec', '0'],
  ],
  [
    ['User', 'pulsar'],
    ['ExecStartPre', `${BIN}/check brokers 900`],
    ['ExecStart', `${BIN}/prepare-rack`],
    ['TimeoutStartSec', '1800'],
    ...AGAIN,
  ],
);

/**
 * Renders all units of a machine.
 *
 * @example
 * renderUnits({ roles: ['connector'], isFirst: false }).map(({ name }) => name); // ['starquake.target', 'starquake-take-over.service', ...]
 */
export const renderUnits = (machine: UnitsOf): readonly UnitFile[] => {
  const { roles } = machine;
  return [
    {
      name: 'starquake.target',
      text: render('All that this machine does.', { Unit: [['Description', 'Starquake']], Install: [['WantedBy', 'multi-user.target']] }),
    },
    renderStep(
      'take-over',
      'Takes over the address and the disks of this name.',
      [['After', 'network-online.target'], ['Wants', 'network-online.target'], REBOOT],
      [
        ['ExecStart', roles.every((role) => role === 'connector') ? '/usr/bin/true' : `${BIN}/take-over`],
        ['TimeoutStartSec', '700'],
      ],
    ),
    ...renderKeys(machine),
    ...processes.filter(({ role }) => roles.includes(role)).map((planned) => renderProcess(planned, roles)),
    ...renderFirst(machine),
    ...(roles.includes('bookie') ? [rackStep] : []),
    ...(roles.includes('connector') ? [renderConnector(roles)] : []),
  ];
};
