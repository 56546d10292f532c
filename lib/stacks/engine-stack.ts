// The engine: its timer function, where apps register, and, in production, a fleet of connectors.
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ConnectorFleet } from '../constructs/connector-fleet.ts';
import type { NetworkPlace, PulsarPlace, StatePlace } from '../constructs/machine-places.ts';
import { TimerFunction } from '../constructs/timer-function.ts';
import { nameFunctionPrefix, nameRegistry } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';

/** What it is made from. */
export interface EngineStackProps extends StackProps {
  readonly settings: Settings;
  readonly network: NetworkPlace;
  readonly state: StatePlace;
  readonly pulsar: PulsarPlace;
}

/**
 * The engine of a platform. On `dev` and `small` connectors run on Pulsar's own machines, and this stack has none.
 *
 * @example
 * new EngineStack(app, 'starquake-engine', { env: { region: settings.region }, settings, network, state, pulsar });
 */
export class EngineStack extends Stack {
  readonly timerFunction: Function;
  /** Where manifests are, in Systems Manager; apps and connectors know it by the platform's name. */
  readonly registryPath: string;
  /** Stands before the names of functions. */
  readonly functionPrefix: string;

  constructor(scope: Construct, id: string, { settings, network, state, pulsar, ...props }: EngineStackProps) {
    super(scope, id, { description: `Engine of ${settings.name}`, ...props });
    this.registryPath = nameRegistry(settings);
    this.functionPrefix = nameFunctionPrefix(settings);
    this.timerFunction = new TimerFunction(this, 'Timer', { prefix: this.functionPrefix, logDays: settings.retention.logs }).function;
    if (settings.size === 'production') new ConnectorFleet(this, 'Connectors', { settings, network, state, pulsar });
    new CfnOutput(this, 'Registry', { value: this.registryPath, description: 'Where apps put their manifests' });
  }
}
