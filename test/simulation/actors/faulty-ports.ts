// The ports as one process sees them: every call may be refused, lost, late or never answered, or be the last thing that the process did.
import type { IncomingMessage, OutgoingMessage } from '../../../src/ports/bus.ts';
import type { InvocationResult, InvokeOptions } from '../../../src/ports/functions.ts';
import type { Ports } from '../../../src/ports/ports.ts';
import { explainFinished, explainQueueAck } from '../world/queue-acks.ts';
import type { CallFault } from '../clockwork/faults.ts';
import type { Process } from '../world/process.ts';
import type { SimQueue } from '../world/sim-queue.ts';
import type { World } from '../world/world.ts';

/** What a faulty port rejects with. */
export class SimulatedFault extends Error {
  override readonly name = 'SimulatedFault';
}

/** Late calls arrive up to this long after they were made. */
const LATE_MS = 40_000;

/** Makes a call of a process to the world; `act` is what it does there, at once. */
type Call = <T>(what: string, act: () => T) => Promise<T>;

/** What happens when a call arrives, in place of what should. */
const act = <T>(world: World, process: Process, what: string, fault: CallFault | undefined, doing: () => T): (() => T) | undefined => {
  switch (fault) {
    case 'refused':
      return () => {
        throw new SimulatedFault(`${what} was refused`);
      };
    case 'dropped':
      return undefined;
    case 'lost':
      return () => {
        doing();
        throw new SimulatedFault(`the answer of ${what} was lost`);
      };
    case 'crashAfter':
      return () => {
        const value = doing();
        world.crash(process, `after ${what}`);
        return value;
      };
    default:
      return doing;
  }
};

/** A client drops a subscription that it does not hear of: nothing is read by it. */
const forgetSubscription = (fault: CallFault | undefined): CallFault | undefined => {
  if (fault === 'lost') return 'refused';
  return fault === 'silent' || fault === 'late' ? 'dropped' : fault;
};

const createCall =
  (world: World, process: Process): Call =>
  (what, doing) =>
    new Promise((resolve, reject) => {
      if (process.isDead) return;
      const { faults, random } = world;
      const drawn = random.chance(faults.call) ? random.weigh(faults.callFaults) : undefined;
      const fault = what.startsWith('subscribe') ? forgetSubscription(drawn) : drawn;
      if (fault !== undefined) world.note(`${process.name}: ${what} is ${fault}`);
      if (fault === 'crashBefore') return world.crash(process, `before ${what}`);
      const acting = act(world, process, what, fault, doing);
      if (!acting) return;
      const arrive = (): void => {
        try {
          const value = acting();
          if (fault !== 'silent') process.after(world.drawDelay(), () => resolve(value));
        } catch (error) {
          process.after(world.drawDelay(), () => reject(error instanceof Error ? error : new SimulatedFault(String(error))));
        }
      };
      if (fault === 'late') world.scheduler.after(random.int(0, LATE_MS), arrive);
      else if (random.chance(0.5)) arrive();
      else world.scheduler.after(world.drawDelay(), arrive);
    });

/** Publishes part by part: messages of one place in order, those of different places whenever; on a fault, any part of them. */
const createPublish =
  (world: World, process: Process, call: Call): Ports['bus']['publish'] =>
  async (messages) => {
    const { random, faults } = world;
    const places = [...Map.groupBy(messages, (message) => world.bus.placeOf(message)).values()];
    await Promise.all(
      places.map(async (parts) => {
        const send = (sent: readonly OutgoingMessage[]): void => {
          world.note(
            `${process.name} publishes ${sent.map(({ topic, key, id, again }) => `${topic}:${key}:${id}${again === true ? ' again' : ''}`).join(', ')}`,
          );
          world.bus.publish(sent);
        };
        if (random.chance(faults.duplicate)) world.scheduler.after(random.int(0, 8000), () => send(parts));
        const split = random.chance(faults.call) ? random.int(0, parts.length) : parts.length;
        if (split > 0) await call(`publish to ${parts[0]?.topic ?? ''}`, () => send(parts.slice(0, split)));
        if (split < parts.length) await call(`publish to ${parts[0]?.topic ?? ''}`, () => send(parts.slice(split)));
      }),
    );
  };

const createBus = (world: World, process: Process, call: Call): Ports['bus'] => {
  const { bus, ledger, random } = world;
  const ackLazily = (ack: () => void): void => {
    if (process.isDead) return;
    if (!random.chance(world.faults.lostAck)) world.scheduler.after(world.drawDelay(), ack);
  };
  const ackQueue = (queue: SimQueue, position: number): void => {
    const message = queue.find(position);
    if (process.isDead || !message) return;
    const wrong = explainQueueAck(world, message);
    if (wrong !== undefined) world.ledger.fail(`${process.name} acked ${message.id} of ${message.topic}: ${wrong}`);
    if (random.chance(world.faults.lostAck)) world.scheduler.after(random.int(1000, 60_000), () => queue.release(process, position));
    else world.scheduler.after(world.drawDelay(), () => queue.ack(process, position));
  };
  // A client that gave up waiting for its subscription ends it.
  const subscribe = <T>(topic: string, timeoutMs: number, join: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const cancel = process.after(timeoutMs, () => {
        bus.unsubscribe(topic, process);
        reject(new SimulatedFault(`subscribing to ${topic} took too long`));
      });
      call(`subscribe ${topic}`, join).then(resolve, reject).finally(cancel);
    });
  return {
    declareTopics: (topics) => call('declare topics', () => bus.declare(topics)),
    publish: createPublish(world, process, call),
    subscribeStream: async (topic, consumer, { prefetch, timeoutMs }) => {
      const stream = await subscribe(topic, timeoutMs, () => bus.subscribeStream(topic, process, consumer, prefetch));
      const acked = new Map<number, number>();
      return {
        ackUpTo: (partition, position) => {
          if (process.isDead) return;
          for (const message of stream.read(partition, Math.min(position, (acked.get(partition) ?? -1) + 1), position))
            ledger.noteInboxAcked(process.name, message, (id) => stream.hasAfter(partition, position, message.key, id));
          acked.set(partition, position);
          world.note(`${process.name} acks ${topic}/${partition} up to ${position}`);
          stream.noteDone(process, partition, position);
          ackLazily(() => stream.ackUpTo(partition, position));
        },
        close: () => call('close', () => bus.unsubscribe(topic, process)),
      };
    },
    subscribeQueue: async (topic, consumer, { prefetch, timeoutMs }) => {
      const onMessage = (incoming: IncomingMessage): void => {
        if (topic.startsWith('jobs.')) world.attempts.noteDelivered(process.name, incoming, world.now);
        consumer.onMessage(incoming);
      };
      const queue = await subscribe(topic, timeoutMs, () => bus.subscribeQueue(topic, process, { onMessage }, prefetch));
      return {
        ack: ({ position }) => ackQueue(queue, position),
        release: ({ position }) =>
          void (process.isDead || world.scheduler.after(world.drawDelay(), () => queue.release(process, position))),
        close: () => call('close', () => bus.unsubscribe(topic, process)),
      };
    },
    readStream: () => Promise.reject(new SimulatedFault('no connector reads a retained stream')),
  };
};

const createStores = (world: World, process: Process, call: Call): Pick<Ports, 'runs' | 'timers' | 'payloads'> => {
  const { runs, timers, archives, ledger, attempts } = world;
  return {
    runs: {
      load: (run) => call('load', () => runs.load(run)),
      append: (commit, text) => call('append', () => world.append(commit, text)),
      readSummary: (run) => call('read a summary', () => runs.readSummary(run)),
      claim: async (request) => {
        const outcome = await call('claim', () => runs.claim(request));
        if (outcome.kind === 'granted') attempts.noteClaimed(process.name, request);
        return outcome;
      },
      readClaim: (key) => call('read a claim', () => runs.readClaim(key)),
      finishClaim: (request) =>
        call('finish a claim', () => {
          const finished = runs.finishClaim(request);
          const wrong = explainFinished(world, request);
          if (wrong !== undefined) ledger.fail(wrong);
          return finished;
        }),
      prune: (run, belowVersion, now) => call('prune', () => runs.prune(run, belowVersion, now)),
    },
    timers: {
      put: (dues) =>
        call('put timers', () => {
          timers.put(dues);
          ledger.notePut(dues);
        }),
      readDue: (upTo, limit) => call('read timers', () => timers.readDue(upTo, limit)),
      remove: (dues) => call('remove timers', () => timers.remove(dues)),
    },
    payloads: {
      put: () => Promise.reject(new SimulatedFault('no value of a simulation is large')),
      get: () => Promise.reject(new SimulatedFault('no value of a simulation is large')),
      makeLink: () => Promise.reject(new SimulatedFault('no value of a simulation is large')),
      makeGrant: () => call('make a grant', () => ({ url: 'memory:', fields: {} })),
      putArchive: (name, text) => call('put an archive', () => void archives.set(name, text)),
      getArchive: (name) => call('get an archive', () => archives.get(name) ?? ''),
    },
  };
};

const invoke = (
  world: World,
  process: Process,
  ...[name, payload, options, resolve]: [string, string, InvokeOptions, (result: InvocationResult) => void]
): void => {
  if (process.isDead) return;
  world.noteInvoked(process, name, payload);
  world.scheduler.after(world.drawDelay(), () => world.functions?.invoke(process, name, payload, options, resolve));
};

/** Makes the ports of a process. */
export const createFaultyPorts = (world: World, process: Process): Ports => {
  const call = createCall(world, process);
  return {
    bus: createBus(world, process, call),
    ...createStores(world, process, call),
    functions: { invoke: (name, payload, options) => new Promise((resolve) => invoke(world, process, name, payload, options, resolve)) },
    registry: {
      list: () => call('list manifests', () => [...world.manifests]),
      put: () => Promise.reject(new SimulatedFault('no connector puts a manifest')),
      watch: (onManifest) => {
        const watcher = (manifest: Parameters<typeof onManifest>[0]): void => process.reach(() => onManifest(manifest));
        world.watchers.add(watcher);
        return () => void world.watchers.delete(watcher);
      },
    },
    clock: { now: () => world.now, setTimer: (at, fn) => process.after(at - world.now, fn) },
    newId: () => process.newId(),
    report: (error, doing) => world.noteReport(process, error, doing),
  };
};
