// The unruly app as it was deployed first: its workflow code computes without end, and takes all memory.
import { makeUnruly } from './make-app.ts';

let kept = [0.5];

export default makeUnruly({
  compute: () => {
    for (;;);
  },
  takeMemory: () => {
    for (;;) kept = kept.concat(kept);
  },
});
