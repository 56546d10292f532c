// An app whose runs wait: for timers near and far, for signals, and for a job that takes a moment.
import { app, job, signal, workflow } from 'starquake';

const word = signal<string>('word');

/** What an errand waits for. */
interface Errand {
  /** Milliseconds of each sleep. */
  readonly naps: readonly number[];
  /** How many words it hears before it ends. */
  readonly words: number;
}

const JOB_MS = 300;

const note = job({
  name: 'note',
  run: async (text: string): Promise<string> => {
    await new Promise((resolve) => setTimeout(resolve, JOB_MS));
    return text;
  },
});

const errand = workflow({
  name: 'errand',
  async run({ naps, words }: Errand, flow) {
    const slept: number[] = [];
    for (const nap of naps) {
      const from = flow.now();
      await flow.sleep(nap);
      slept.push(flow.now() - from);
      await flow.run(note, `slept ${nap}`);
    }
    const heard: string[] = [];
    while (heard.length < words) heard.push(await flow.receive(word));
    return { slept, heard };
  },
});

export default app({ name: 'errands', workflows: [errand], jobs: [note] });
