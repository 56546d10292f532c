// The connectors of a simulation: started, killed, paused and stopped as chance has it, and always started again.
import type { startConnector } from '../../../src/connector/connector.ts';
import type { ConnectorSettings } from '../../../src/connector/context/settings.ts';
import { createFaultyPorts } from './faulty-ports.ts';
import { Process } from '../world/process.ts';
import type { World } from '../world/world.ts';

/** How connectors are started: the real way, or a variant with a planted bug. */
export type StartConnector = typeof startConnector;

interface Place {
  readonly number: number;
  process: Process;
  lives: number;
}

const STARTUP_MS = 60_000;
const RESTART_MS = 20_000;
/** A broker drops a process that has stood still for this long. */
const STILL_MS = 30_000;

/** Several connectors over one world. */
export class Fleet {
  readonly #world: World;
  readonly #start: StartConnector;
  readonly #settings: Partial<ConnectorSettings>;
  readonly #places: Place[] = [];
  /** Processes that stood still so long that the broker dropped them. */
  readonly #dropped = new Set<Process>();
  readonly #stops = new Map<Process, () => Promise<void>>();

  constructor(world: World, start: StartConnector, settings: Partial<ConnectorSettings>) {
    this.#world = world;
    this.#start = start;
    this.#settings = settings;
    world.onCrash = (process) => this.#replace(process);
  }

  /** Starts connectors. */
  open(count: number): void {
    for (let number = 0; number < count; number++) {
      const place = { number, process: new Process(`c${number}.0`, this.#world.scheduler), lives: 0 };
      this.#places.push(place);
      this.#boot(place);
    }
  }

  /** Lets the connectors suffer as long as there are faults. */
  disturb(): void {
    const { crashEveryMs, moveEveryMs, rewindEveryMs, pauseEveryMs } = this.#world.faults;
    this.#repeat(crashEveryMs, () => this.#world.crash(this.#pick().process, 'out of nowhere'));
    this.#repeat(moveEveryMs, () => this.#world.bus.findStream('inbox')?.move(this.#world.random.int(0, 7)));
    this.#repeat(rewindEveryMs, () =>
      this.#world.bus.findStream('inbox')?.rewind(this.#world.random.int(0, 7), this.#world.random.int(1, 30)),
    );
    this.#repeat(pauseEveryMs, () => this.#pause(this.#pick().process));
    this.#repeat(crashEveryMs * 2, () => this.#stop(this.#pick()));
  }

  /** Ends all pauses, so that from now on everything works. */
  recover(): void {
    for (const { process } of this.#places) this.#resume(process);
  }

  #pick(): Place {
    return this.#world.random.pick(this.#places);
  }

  #repeat(meanMs: number, fn: () => void): void {
    const { scheduler, random } = this.#world;
    if (meanMs === 0) return;
    scheduler.after(random.int(1, 2 * meanMs), () => {
      if (this.#world.faults.untilMs === 0) return;
      fn();
      this.#repeat(meanMs, fn);
    });
  }

  #boot(place: Place): void {
    const { process } = place;
    const world = this.#world;
    world.note(`${process.name} starts`);
    let isUp = false;
    this.#start(createFaultyPorts(world, process), this.#settings, (error) => world.crash(process, error.message)).then(
      (connector) => {
        isUp = true;
        this.#stops.set(process, () => connector.stop());
      },
      (error: unknown) => {
        isUp = true;
        world.crash(process, `while it starts: ${String(error)}`);
      },
    );
    process.after(STARTUP_MS, () => {
      if (!isUp) world.crash(process, 'because it does not come up');
    });
  }

  /** A process that died is replaced by a new one a while later. */
  #replace(process: Process): void {
    const place = this.#places.find((one) => one.process === process);
    if (!place) return;
    this.#world.scheduler.after(this.#world.random.int(0, RESTART_MS), () => {
      place.lives += 1;
      place.process = new Process(`c${place.number}.${place.lives}`, this.#world.scheduler);
      this.#boot(place);
    });
  }

  #pause(process: Process): void {
    const { scheduler, random, faults, bus } = this.#world;
    if (!process.isUp) return;
    const ms = random.int(1, random.chance(0.5) ? faults.longestPauseMs : Math.min(faults.longestPauseMs, 5000));
    this.#world.note(`${process.name} stands still for ${ms} ms`);
    process.pause();
    if (ms > STILL_MS) {
      scheduler.after(STILL_MS, () => {
        if (process.isUp) return;
        this.#dropped.add(process);
        bus.disconnect(process);
      });
    }
    scheduler.after(ms, () => this.#resume(process));
  }

  #resume(process: Process): void {
    if (process.isUp || process.isDead) return;
    this.#world.note(`${process.name} goes on`);
    process.resume();
    if (!this.#dropped.delete(process)) return;
    this.#world.scheduler.after(this.#world.random.int(0, 5000), () => {
      if (!process.isDead) this.#world.bus.reconnect(process);
    });
  }

  /** A rolling restart: stops in good order. */
  #stop(place: Place): void {
    const { process } = place;
    const stop = this.#stops.get(process);
    if (!stop || !process.isUp) return;
    this.#stops.delete(process);
    const world = this.#world;
    world.note(`${process.name} stops`);
    const end = (): void => world.crash(process, 'as it was stopped');
    stop().then(end, end);
    process.after(STARTUP_MS, () => world.crash(process, 'because it does not stop'));
  }
}
