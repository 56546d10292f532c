// `starquake plan` answers people and scripts with the same plan, and says how to write what it does not understand.
import Big from 'big.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCommand, type Outcome } from './fake-terminal.ts';

const plan = (...words: readonly string[]): Promise<Outcome> => runCommand(['plan', ...words]);

const documentSchema = z.object({
  size: z.string(),
  holds: z.boolean(),
  usdPerMonth: z.string(),
  usdPer1000Runs: z.string(),
  load: z.object({
    runsPerMonth: z.string(),
    runsPerSecond: z.string(),
    peakFactor: z.string(),
    steps: z.number(),
    payloadBytes: z.number(),
  }),
  machines: z.array(z.object({ role: z.string(), instanceType: z.string(), count: z.number() })),
  parts: z.array(z.object({ what: z.string(), usd: z.string() })),
  rivals: z.array(z.object({ name: z.string(), usdPerMonth: z.string(), cheaperRunsPerSecond: z.array(z.object({ from: z.string() })) })),
  warnings: z.array(z.string()),
});

const readPlan = async (...words: readonly string[]): Promise<z.infer<typeof documentSchema>> => {
  const { code, stdout, stderr } = await plan(...words, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return documentSchema.parse(JSON.parse(stdout));
};

describe('plan', () => {
  it('says the size, the machines, what a month costs and why', async () => {
    const { code, stdout, stderr } = await plan('--rate', '200/s', '--steps', '6');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Runs: 200 a second \(525,600,000 a month\) of 6 jobs, 400 a second at the peak\.\nSize: production\.\nMachines: 3 zookeeper/,
    );
    for (const heading of ['Cost', 'Sizes', 'Compared', 'What dominates', 'What would make it cheaper', 'Assumptions', 'Not in it'])
      expect(stdout).toContain(`\n\n${heading}\n`);
    expect(stdout).toMatch(/\n {2}Total +[\d,]+\.\d\d\n1,000 runs: 0\.0\d+ USD\. One job of a run: 0\.0{5}\d+ USD\.\n/);
    expect(stdout).toMatch(/Step Functions Standard +[\d,.]+ {2}\d\.\d times as much {2}from [\d.]+ a minute on\n/);
    expect(stdout).toMatch(/List prices of us-east-1, on demand, read until 2026-\d\d-\d\d\. .*docs\/cost-model\.md\.\n$/);
  }, 60_000);

  it('answers with exact decimals whose parts are the total', async () => {
    const { parts, usdPerMonth, load, size, rivals } = await readPlan('--rate', '1M/month', '--retry', '0');
    expect({ size, load }).toMatchObject({
      size: 'small',
      load: { runsPerMonth: '1000000', peakFactor: '2', steps: 4, payloadBytes: 200 },
    });
    expect(parts.reduce((sum, { usd }) => sum.plus(usd), new Big(0)).toFixed()).toBe(usdPerMonth);
    expect(new Big(usdPerMonth).toFixed(2)).toBe('297.76');
    expect(rivals.map(({ name }) => name)).toEqual(['step-functions-standard', 'step-functions-express', 'durable-functions']);
  }, 60_000);

  it.each([
    ['200/s', '525600000'],
    ['1.5k/s', '3942000000'],
    ['90/min', '3942000'],
    ['5k/h', '3650000'],
    ['24/day', '730'],
    ['1M/month', '1000000'],
  ])(
    'takes a rate of %s for %s runs a month',
    async (rate, runsPerMonth) => expect((await readPlan('--rate', rate)).load.runsPerMonth).toBe(runsPerMonth),
    60_000,
  );

  it('takes a peak as a factor and as a rate', async () => {
    expect((await readPlan('--rate', '10/s', '--peak', '3')).load.peakFactor).toBe('3');
    expect((await readPlan('--rate', '10/s', '--peak', '2.5x')).load.peakFactor).toBe('2.5');
    expect((await readPlan('--rate', '10/s', '--peak', '900/min')).load.peakFactor).toBe('1.5');
  }, 60_000);

  it('takes a size that is asked for, and says when it is too small or can be lost', async () => {
    const { size, holds, warnings } = await readPlan('--rate', '200/s', '--size', 'dev');
    expect({ size, holds }).toEqual({ size: 'dev', holds: false });
    expect(warnings).toEqual([
      'The size dev does not take this load; the bill is of what it would use if it did.',
      'The size dev is one machine: when it stops, everything waits until it is back.',
    ]);
    expect((await readPlan('--rate', '1/s', '--size', 'production')).warnings).toEqual([
      'With 4 bookies the loss of the zone that has two of them stops writing until one is back; 5 go on.',
    ]);
  }, 60_000);

  it('says when more connectors are needed than the settings let there be', async () => {
    expect((await readPlan('--rate', '400/s')).warnings).toEqual([
      expect.stringMatching(/^Set production\.connectors\.most to 1\d or more: it is 10 unless set\.$/),
    ]);
  }, 60_000);
});

describe('what cannot be understood', () => {
  it.each([
    [['--rate', '200'], 'Write a rate as 200/s, 90/min, 5k/h, 20000/day or 1M/month.'],
    [['--rate', '200/m'], 'Write a rate as'],
    [['--rate', '-1/s'], 'Write a rate as'],
    [['--rate', '0/s'], 'Give a rate above 0'],
    [['--rate', '9999M/s'], 'Give at most 1000000/s'],
    [['--rate', '1/s', '--peak', '0.5'], 'Write the peak as a factor of 1 or more, as in 3, or as a rate, as in 600/s.'],
    [['--rate', '1/s', '--peak', 'high'], 'Write the peak as'],
    [['--rate', '1/s', '--peak', '10/h'], 'The peak of --peak is below the average of --rate.'],
    [['--rate', '1/s', '--steps', '0'], 'Give a whole number of 1 or more.'],
    [['--rate', '1/s', '--timers', 'some'], 'Give a number of 0 or more, as in 1.5.'],
    [['--rate', '1/s', '--retry', '120%'], 'Give a share from 0 to 1, as in 0.02, or from 0% to 100%.'],
    [['--rate', '1/s', '--payload', '4 parsecs'], 'Give bytes, as in 800, 4kB or 1.5MB; a value has 32 MiB at most.'],
    [['--rate', '1/s', '--payload', '40MB'], 'Give bytes'],
    [['--rate', '1/s', '--job-memory', '64'], 'Give whole megabytes from 128 to 10240, as Lambda has them.'],
    [['--rate', '1/s', '--job-ms', '1000000'], 'Give milliseconds, at most 900000'],
    [['--rate', '1/s', '--size', 'huge'], 'Choose one of dev, small, production.'],
    [['--rate', '1/s', '--region', 'eu-west-1'], 'Only prices of us-east-1 are known'],
    [[], "required option '--rate <rate>' not specified"],
  ])('%j is refused with what to write', async (words, reason) => {
    const { code, stdout, stderr } = await plan(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^SETTINGS_INVALID: /);
    expect(stderr).toContain(reason);
  });
});
