// One connector of a stage: a process that can be stopped, be killed, or lose what it reads without knowing it.
import { startConnector, type Connector } from '../../../src/connector/connector.ts';
import type { ConnectorSettings } from '../../../src/connector/context/settings.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import { watchBus, watchFunctions, watchPayloads, watchRuns, watchTimers, type Hooks, type Step } from './watched-ports.ts';

/** A connector, as a test sees it. */
export interface Owner {
  readonly name: string;
  /** What the test does in place of its calls; may be changed at any time. */
  readonly hooks: Hooks;
  /** Ends it properly. */
  stop(): Promise<void>;
  /** Ends it as SIGKILL would: no call of it is answered any more, what it had not acked goes to the next one. */
  kill(): Promise<void>;
  /** Takes a topic away from it, which it does not notice: others get its messages. */
  lose(topic: string): Promise<void>;
}

/** What an owner is made of. */
export interface OwnerParts {
  readonly name: string;
  readonly ports: Ports;
  readonly settings: Partial<ConnectorSettings>;
  readonly hooks: Hooks;
  readonly write: (step: Step) => void;
}

const stopClock = (clock: Clock, alive: () => boolean): Clock => ({
  now: () => clock.now(),
  setTimer: (at, fn) => clock.setTimer(at, () => void (alive() && fn())),
});

/** Starts a connector on watched ports. */
export const startOwner = async ({ name, ports, settings, hooks, write }: OwnerParts): Promise<Owner> => {
  const subscriptions: { readonly topic: string; readonly close: () => Promise<void> }[] = [];
  let [alive, ids] = [true, 0];
  const watcher = { owner: name, hooks, write, alive: () => alive };
  const watched: Ports = {
    ...ports,
    bus: watchBus(ports.bus, watcher, (topic, close) => subscriptions.push({ topic, close })),
    runs: watchRuns(ports.runs, watcher),
    timers: watchTimers(ports.timers, watcher),
    payloads: watchPayloads(ports.payloads, watcher),
    functions: watchFunctions(ports.functions, watcher),
    clock: stopClock(ports.clock, watcher.alive),
    newId: () => `${name}-${ids++}`,
    report: (error, doing) => void (alive && ports.report(error, doing)),
  };
  const leave = async (topic?: string): Promise<void> => {
    for (const subscription of subscriptions) if (topic === undefined || subscription.topic === topic) await subscription.close();
  };
  const connector: Connector = await startConnector(watched, settings);
  return {
    name,
    hooks,
    stop: () => connector.stop(),
    kill: async () => {
      alive = false;
      await leave();
    },
    lose: leave,
  };
};
