// A process of the distribution that is kept running as its systemd unit does: one that ends by itself is started again.
import { ServerProcess, type ServerProgram } from './server-process.ts';

/** On a machine that is busy with other things a process takes that long, and another one after it. */
const READY_TIMEOUT_MS = 300_000;
const LOOK_MS = 500;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A process that runs until somebody ends it. */
export class UnitProcess extends ServerProcess {
  readonly #program: ServerProgram;
  #timer: NodeJS.Timeout | undefined;
  #restarts = 0;
  #isPreparing = false;
  /** What its unit has run before every start. */
  prepare: () => Promise<unknown> = () => Promise.resolve();

  constructor(program: ServerProgram) {
    super(program);
    this.#program = program;
  }

  /** How often it was started again because it had ended by itself. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Starts it, and waits until it is ready. @throws Error with the end of its log */
  override async start(): Promise<void> {
    await this.prepare();
    this.launch();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!(await this.#program.isReady())) {
      if (performance.now() > deadline) throw new Error(`The ${this.name} was not ready in time.\n${await this.readLog()}`);
      await pause(LOOK_MS);
    }
  }

  /** Ends it at once, for good. */
  override kill(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    return super.kill();
  }

  /** Ends it at once, as if it had ended by itself: its unit starts it again. */
  crash(): Promise<void> {
    return super.kill();
  }

  /** Asks it to end, for good. */
  override stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    return super.stop();
  }

  #look(): void {
    if (this.isRunning || this.#isPreparing) return;
    this.#isPreparing = true;
    this.prepare().then(
      () => {
        this.#isPreparing = false;
        // It was ended for good meanwhile.
        if (this.#timer === undefined) return;
        this.#restarts++;
        this.launch();
      },
      // What its unit runs before it did not end well: nothing is started, and it is tried again.
      () => {
        this.#isPreparing = false;
      },
    );
  }
}
