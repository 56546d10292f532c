// Runs the suite of functions on those called in this thread.
import { createInProcessFunctions } from '../../src/adapters/in-process-functions/in-process-functions.ts';
import { handler as echo } from '../support/functions/echo.ts';
import { handler as misbehave } from '../support/functions/misbehave.ts';
import { describeFunctions } from './functions.ts';

describeFunctions('in process', (clock) => ({
  functions: createInProcessFunctions({ clock, handlers: { echo, misbehave } }),
  close: () => Promise.resolve(),
}));
