// The second deployment of an app that grows: its job says something else, and there is one more of everything.
import { app, job, workflow } from 'starquake';
import { greetBy } from './greet.ts';

const say = job({ name: 'say', run: (word: string) => `second ${word}` });
const wave = job({ name: 'wave', run: (to: string) => `waved to ${to}` });
const part = workflow({ name: 'part', run: (to: string, flow) => flow.run(wave, to) });

export default app({ name: 'growing', workflows: [greetBy(say), part], jobs: [say, wave] });
