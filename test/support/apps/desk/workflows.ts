// Workflows of the desk: small, each there for what one rule of the protocol says.
import { ChildFailedError, signal, workflow } from 'starquake';
import { deskJobs, undoWork, work, workOnce } from './jobs.ts';

/** The code of what was thrown. */
const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'none');

export const word = signal<string>('word');

export const oneJob = workflow({ name: 'one-job', run: (input: unknown, flow) => flow.run(work, input) });

export const twoJobs = workflow({
  name: 'two-jobs',
  async run(_input: unknown, flow) {
    const first = await flow.run(work, 'first');
    const second = await flow.run(work, 'second');
    return [first.did, second.did];
  },
});

/** Runs the job of that name. */
export const jobOf = workflow({ name: 'job-of', run: (name: keyof typeof deskJobs, flow) => flow.run(deskJobs[name], name) });

export const fanOut = workflow({
  name: 'fan-out',
  async run(count: number, flow) {
    const done = await Promise.all(Array.from({ length: count }, (_, index) => flow.run(work, index)));
    return done.map(({ did }) => did);
  },
});

/** Tells the outputs of two jobs in the order in which they came. */
export const orderOfTwo = workflow({
  name: 'order-of-two',
  async run(_input: unknown, flow) {
    const came: unknown[] = [];
    const note = (output: unknown): void => {
      came.push(output);
      flow.status(output);
    };
    await Promise.all([flow.run(work, 'first').then(note), flow.run(work, 'second').then(note)]);
    return came;
  },
});

export const sleepThenWork = workflow({
  name: 'sleep-then-work',
  async run(ms: number, flow) {
    await flow.sleep(ms);
    return (await flow.run(work, flow.now())).did;
  },
});

/** Receives as many words as it is told. */
export const listen = workflow({
  name: 'listen',
  async run(count: number, flow) {
    const words: string[] = [];
    while (words.length < count) words.push(await flow.receive(word));
    return words;
  },
});

/** Works, and undoes it when what comes after fails or the run is canceled. */
export const saga = workflow({
  name: 'saga',
  async run(_input: unknown, flow) {
    await flow.run(work, 'paid', { compensate: (done) => flow.run(undoWork, done.did) });
    return flow.run(workOnce, 'delivered');
  },
});

/** Fails by its own error after a job; `forgive` makes newer code let it pass. */
export const failing = workflow({
  name: 'failing',
  async run(_input: unknown, flow): Promise<string> {
    await flow.run(work, 'before');
    throw Object.assign(new Error('this cannot be'), { code: 'CANNOT_BE' });
  },
});

/** Two jobs at once: the failure of the first is not caught. */
export const twoAtOnce = workflow({
  name: 'two-at-once',
  async run(_input: unknown, flow) {
    const [left, right] = await Promise.all([flow.run(workOnce, 'left'), flow.run(work, 'right')]);
    return [left.did, right.did];
  },
});

/** Reacts to a failure with another job before it fails. */
export const reacting = workflow({
  name: 'reacting',
  async run(_input: unknown, flow) {
    try {
      return await flow.run(workOnce, 'tried');
    } catch (error) {
      await flow.run(undoWork, 'reacted');
      throw error;
    }
  },
});

/** A parent of one attached child, whose workflow its input names. */
export const parent = workflow({
  name: 'parent',
  async run(child: 'one-job' | 'job-of' | 'listen' | 'failing', flow) {
    const children = {
      'one-job': () => flow.run(oneJob, 'of the child'),
      'job-of': () => flow.run(jobOf, 'work-once'),
      listen: () => flow.run(listen, 1),
      failing: () => flow.run(failing, 0),
    };
    return [await children[child]()];
  },
});

/** Starts a detached child, tells its run id, and ends when it is told to. */
export const patron = workflow({
  name: 'patron',
  async run(_input: unknown, flow) {
    const child = flow.start(listen, 1);
    flow.status(child.runId);
    return flow.receive(word);
  },
});

/** What `restart` carries on. */
export interface Round {
  readonly left: number;
  readonly heard: readonly string[];
}

/** Begins anew at each `next`, reads all words at its end. */
export const restart = workflow({
  name: 'restart',
  async run({ left, heard }: Round, flow) {
    if (left === 0) return [...heard, await flow.receive(word)];
    await flow.receive(signal<void>('next'));
    return flow.continueAs({ left: left - 1, heard: [...heard, `round ${left}`] });
  },
});

/** Leaves a job, a timer, an attached and a detached child open when it begins anew. */
export const abandon = workflow({
  name: 'abandon',
  async run(round: number, flow) {
    if (round > 0) return flow.receive(word);
    void flow.run(work, 'abandoned');
    void flow.sleep('1h');
    void flow.run(listen, 1);
    flow.start(listen, 1);
    flow.tag({ round: 'first' });
    await flow.receive(signal<void>('next'));
    return flow.continueAs(1);
  },
});

/** Wants to begin anew with undo functions registered. */
export const indebted = workflow({
  name: 'indebted',
  async run(_input: unknown, flow): Promise<string> {
    flow.compensate(() => undefined);
    try {
      return await flow.continueAs(0);
    } catch (error) {
      return codeOf(error);
    }
  },
});

/** Cleans up by a job when it is canceled, whatever it was doing. */
export const tidy = workflow({
  name: 'tidy',
  async run(doing: 'job' | 'sleep' | 'receive' | 'child', flow) {
    const waits = {
      job: () => flow.run(work, 'long'),
      sleep: () => flow.sleep('1h'),
      receive: () => flow.receive(word),
      child: () => flow.run(listen, 1),
    };
    try {
      await waits[doing]();
      await flow.sleep('1h');
    } finally {
      await flow.run(undoWork, 'tidied');
    }
  },
});

/** Tells how its child ended. */
export const onlooker = workflow({
  name: 'onlooker',
  async run(_input: unknown, flow) {
    try {
      return await flow.run(listen, 1, { runId: 'watched' });
    } catch (error) {
      return error instanceof ChildFailedError ? error.outcome : 'nothing that is known';
    }
  },
});

/** Works through the night: a long history, word by word. */
export const talk = workflow({
  name: 'talk',
  async run(count: number, flow) {
    let letters = 0;
    for (let heard = 0; heard < count; heard++) letters += (await flow.receive(word)).length;
    return letters;
  },
});

/** Goes on after it was told that it is canceled. */
export const stubborn = workflow({
  name: 'stubborn',
  async run(_input: unknown, flow) {
    const told: string[] = [];
    try {
      await flow.receive(word);
    } catch (error) {
      told.push(codeOf(error));
    }
    await flow.sleep(0);
    told.push('slept');
    await flow.run(work, 'more');
    return [...told, 'worked'];
  },
});

/** Starts an attached child that it does not wait for. */
export const careless = workflow({
  name: 'careless',
  async run(end: 'complete' | 'fail' | 'wait', flow) {
    void flow.run(listen, 1);
    if (end === 'fail') throw new Error('careless');
    if (end === 'wait') await flow.receive(word);
  },
});

/** Works once in each round. */
export const worker = workflow({
  name: 'worker',
  async run(left: number, flow): Promise<number> {
    await flow.run(work, left);
    return left === 0 ? 0 : flow.continueAs(left - 1);
  },
});

/** Leaves a job that may be held. */
export const abandonHeld = workflow({
  name: 'abandon-held',
  async run(round: number, flow): Promise<string> {
    if (round > 0) return flow.receive(word);
    void flow.run(deskJobs.patient, 'held').catch(() => undefined);
    await flow.receive(signal<void>('next'));
    return flow.continueAs(1);
  },
});

/** Starts a detached child in its first round, and goes on without it. */
export const handOver = workflow({
  name: 'hand-over',
  async run(round: number, flow): Promise<string> {
    if (round > 0) return flow.receive(word);
    flow.start(listen, 1);
    await flow.receive(signal<void>('next'));
    return flow.continueAs(1);
  },
});

/** Measures a text. */
export const measure = workflow({
  name: 'measure',
  async run(text: string) {
    return text.length;
  },
});

/** Hands a job a text of that many letters, and tells how many came back. */
export const enlarge = workflow({
  name: 'enlarge',
  async run(letters: number, flow) {
    const { did } = await flow.run(work, 'x'.repeat(letters));
    return String(did).length;
  },
});
