// The rolling app as it was deployed first.
import { makeRolling } from './make-app.ts';

export default makeRolling('d1');
