// Puts the stacks of a platform together: what each needs of the others is handed over here and nowhere else.
import { Tags, type App, type StackProps } from 'aws-cdk-lib';
import type { Settings } from '../settings/settings.ts';
import { AppsStack } from './apps-stack.ts';
import { ConsoleStack } from './console-stack.ts';
import { CostStack } from './cost-stack.ts';
import { EngineStack } from './engine-stack.ts';
import { NetworkStack } from './network-stack.ts';
import { ObservabilityStack } from './observability-stack.ts';
import { PulsarStack } from './pulsar-stack.ts';
import { StateStack } from './state-stack.ts';

/** The stacks of a platform. */
export interface Platform {
  readonly network: NetworkStack;
  readonly state: StateStack;
  readonly pulsar: PulsarStack;
  readonly engine: EngineStack;
  readonly console: ConsoleStack;
  readonly cost: CostStack;
  readonly observability: ObservabilityStack;
  /** The example apps; undefined where they are left out. */
  readonly apps?: AppsStack;
}

/** What is left out. */
export interface PlatformOptions {
  /** Whether the example apps are deployed too. */
  readonly withApps?: boolean;
}

/**
 * Composes a platform.
 *
 * @example
 * composePlatform(new App(), readSettings({ size: 'small' }));
 */
export const composePlatform = (app: App, settings: Settings, { withApps = true }: PlatformOptions = {}): Platform => {
  const { name } = settings;
  const given: StackProps & { readonly settings: Settings } = { env: { region: settings.region }, settings };
  const network = new NetworkStack(app, `${name}-network`, given);
  const state = new StateStack(app, `${name}-state`, given);
  const pulsar = new PulsarStack(app, `${name}-pulsar`, { ...given, network, state });
  const engine = new EngineStack(app, `${name}-engine`, { ...given, network, state, pulsar });
  const console = new ConsoleStack(app, `${name}-console`, { ...given, network });
  const cost = new CostStack(app, `${name}-cost`, given);
  const observability = new ObservabilityStack(app, `${name}-observability`, { ...given, state, engine });
  const apps = withApps ? new AppsStack(app, `${name}-apps`, given) : undefined;
  Tags.of(app).add('starquake', name);
  return { network, state, pulsar, engine, console, cost, observability, ...(apps && { apps }) };
};
