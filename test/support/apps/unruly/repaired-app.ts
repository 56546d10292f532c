// The unruly app with its workflow code repaired.
import { makeUnruly } from './make-app.ts';

export default makeUnruly({ compute: () => undefined, takeMemory: () => undefined });
