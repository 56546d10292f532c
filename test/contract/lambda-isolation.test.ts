// Runs the suite of isolation on the AWS SDK and what stands in for Lambda here.
import { openLambdaFunctions } from '../../src/adapters/lambda/lambda-functions.ts';
import { systemClock } from '../../src/adapters/system-clock/system-clock.ts';
import { isolationFunctions } from '../support/lambda/isolation-functions.ts';
import { startLambda } from '../support/lambda/start-lambda.ts';
import { describeIsolation } from './describe-isolation.ts';

describeIsolation('Lambda', async () => {
  const lambda = await startLambda({ instancesPerFunction: 2 });
  lambda.install({ functions: isolationFunctions });
  const functions = openLambdaFunctions({ clock: systemClock, prefix: '', client: lambda.client });
  return {
    functions,
    instances: 2,
    close: async () => {
      functions.close();
      await lambda.stop();
    },
  };
});
