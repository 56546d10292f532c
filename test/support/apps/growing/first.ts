// The first deployment of an app that grows.
import { app, job } from 'starquake';
import { greetBy } from './greet.ts';

const say = job({ name: 'say', run: (word: string) => `first ${word}` });

export default app({ name: 'growing', workflows: [greetBy(say)], jobs: [say] });
