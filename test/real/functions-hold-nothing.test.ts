// What the processes of functions are given in the whole line: what Lambda gives a function, and neither credentials nor settings of the engine.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { findPulsar } from '../contract/pulsar-harness.ts';
import { openLine, type Line } from '../support/aws-local/open-line.ts';

const { webUrl, brokerUrl, missing } = findPulsar();
const START_TIMEOUT_MS = 300_000;
const RUN = 'look-around';

/** What Lambda tells a function; the region is no secret. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const lambdaGives = /^(AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_[A-Z_]+)|LAMBDA_TASK_ROOT|_HANDLER|PATH|LANG|TZ)$/;
const outputSchema = z.object({ json: z.array(z.string()) });

describe.skipIf(missing !== '')(`what functions hold${missing}`, () => {
  let line: Line;

  beforeAll(async () => {
    line = await openLine({ entry: 'test/support/apps/curious/app.ts', webUrl, brokerUrl, name: 'curious' });
    // Whoever starts the functions has all that the connector has; what it hands on is the question.
    const engine = {
      ...line.aws.environment,
      AWS_SESSION_TOKEN: 'not-to-be-told',
      STARQUAKE_PULSAR_URL: webUrl,
      STARQUAKE_PULSAR_TOKEN_FILE: 'not-to-be-told',
    };
    for (const [name, value] of Object.entries(engine)) vi.stubEnv(name, value);
    await line.startConnector();
    await line.send([
      {
        type: 'StartRun',
        run: RUN,
        app: 'curious',
        workflow: 'look-around',
        input: { json: null },
        inputHash: '',
        tags: {},
        requestId: RUN,
      },
    ]);
    await line.history.untilEnded([RUN], START_TIMEOUT_MS);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await line.close();
  }, START_TIMEOUT_MS);

  it('a job finds only what Lambda gives it', () => {
    const end = line.history.listEvents(RUN).find((event) => event.type === 'RunCompleted');
    const names = outputSchema.parse(end?.output).json;
    expect(names).toContain('AWS_LAMBDA_FUNCTION_NAME');
    expect(names.filter((name) => !lambdaGives.test(name))).toEqual([]);
  });

  it.runIf(process.platform === 'linux')(
    'no process of any function was started with more: decision, job, job-retry and timer',
    async () => {
      const asked = new Set(line.aws.lambda.listInvocations().map(({ functionName }) => functionName.split(':')[0]));
      expect(asked).toEqual(new Set(['sq-curious_decision', 'sq-curious_job-retry', 'sq-curious_job_look', 'sq-starquake_timer']));
      const processes = line.aws.lambda.listProcesses();
      expect(processes.length).toBeGreaterThanOrEqual(4);
      for (const pid of processes) {
        const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').filter((variable) => variable !== '');
        expect(variables.filter((variable) => !lambdaGives.test(variable.split('=')[0] ?? ''))).toEqual([]);
        expect(variables.join('\n')).not.toContain('not-to-be-told');
      }
    },
  );
});
