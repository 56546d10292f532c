// The rolling app's next deployment.
import { makeRolling } from './make-app.ts';

export default makeRolling('d2');
