// Runs the suite of isolation on processes that this one starts, with reports as text and as JSON.
import { openIsolatedFunctions } from '../../src/adapters/isolated-functions/isolated-functions.ts';
import type { LogFormat } from '../../src/adapters/isolated-functions/write-log.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { isolationFunctions } from '../support/lambda/isolation-functions.ts';
import { describeIsolation, type OpenedIsolation } from './describe-isolation.ts';

const open = (logFormat: LogFormat) => async (): Promise<OpenedIsolation> => {
  const functions = openIsolatedFunctions({ clock: systemClock, instancesPerFunction: 2, logFormat });
  functions.install({ functions: isolationFunctions });
  return { functions, instances: 2, close: () => functions.close() };
};

describeIsolation('processes', open('text'));
describeIsolation('processes, logs as JSON', open('json'));
