// The way in for clients of Pulsar that are outside of the network, over a peering or a link: no public address either.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { NetworkLoadBalancer, Protocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IpTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { ports } from '../pulsar-config/places.ts';
import type { Settings } from '../settings/settings.ts';
import { acknowledge } from './acknowledge.ts';
import type { NetworkPlace } from './machine-places.ts';
import type { PulsarNode } from './pulsar-node.ts';

/** What it is made from. */
export interface ProxyEntryProps {
  readonly settings: Settings;
  readonly network: NetworkPlace;
  readonly proxies: readonly PulsarNode[];
}

/** A network load balancer before the proxies, at `pulsar.<name>.internal`. */
export class ProxyEntry extends Construct {
  constructor(scope: Construct, id: string, { settings, network, proxies }: ProxyEntryProps) {
    super(scope, id);
    const entry = new SecurityGroup(this, 'EntryGroup', {
      vpc: network.vpc,
      description: 'Clients of Pulsar outside of the network',
      allowAllOutbound: false,
      disableInlineRules: true,
    });
    for (const cidr of settings.production.proxies?.from ?? [])
      for (const port of [ports.broker, ports.web]) entry.addIngressRule(Peer.ipv4(cidr), Port.tcp(port), 'Clients outside');
    const balancer = new NetworkLoadBalancer(this, 'Balancer', {
      vpc: network.vpc,
      vpcSubnets: { subnets: network.vpc.isolatedSubnets },
      internetFacing: false,
      crossZoneEnabled: true,
      deletionProtection: true,
      securityGroups: [network.groups.clients, entry],
    });
    for (const [name, port] of Object.entries({ Broker: ports.broker, Web: ports.web })) {
      const listener = balancer.addListener(name, { port, protocol: Protocol.TCP });
      acknowledge(listener, [
        [
          'NIST.800.53.R5-ELBv2ACMCertificateRequired',
          'TLS goes through to the proxies, whose certificate clients check: the balancer must not open it',
        ],
      ]);
      listener.addTargets(name, {
        port,
        protocol: Protocol.TCP,
        targets: proxies.map(({ address }) => new IpTarget(address, port)),
        deregistrationDelay: Duration.seconds(60),
        // A proxy that is to go answers 404 here before it goes.
        healthCheck: { protocol: Protocol.HTTPS, port: String(ports.web), path: '/status.html', interval: Duration.seconds(10) },
      });
    }
    balancer.applyRemovalPolicy(RemovalPolicy.DESTROY);
    new ARecord(this, 'Record', {
      zone: network.zone,
      recordName: 'pulsar',
      target: RecordTarget.fromAlias(new LoadBalancerTarget(balancer)),
    });
    const reason = `Flow logs of the network of ${settings.name} tell who was refused; TLS ends at the proxies, so the balancer has nothing else to tell`;
    acknowledge(balancer, [
      ['AwsSolutions-ELB2', reason],
      ['NIST.800.53.R5-ELBLoggingEnabled', reason],
    ]);
  }
}
