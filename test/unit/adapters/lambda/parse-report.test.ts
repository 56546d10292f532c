// Proves that reports are read as Lambda writes them; the samples are from published logs and from the documentation of AWS.
import { describe, expect, it } from 'vitest';
import { parseReport } from '../../../../src/adapters/lambda/parse-report.ts';

describe('a report as text', () => {
  // In the form of https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html; the lines are from logs that users of Lambda have published,
  // before and since August 2025, when initialization began to be billed.
  it('of a warm invocation', () => {
    const line =
      'REPORT RequestId: dde1acb5-7158-4518-9547-a5beae8996d2\tDuration: 35.50 ms\tBilled Duration: 36 ms\tMemory Size: 512 MB\tMax Memory Used: 3 MB\t\n';
    expect(parseReport(line)).toEqual({ durationMs: 35.5, billedMs: 36, memoryMb: 512, maxMemoryMb: 3, initMs: undefined });
  });

  it('of a cold start, whose initialization is billed', () => {
    const tail =
      'START RequestId: 5009fcc8-5032-41fd-9a62-fc133fe04d67 Version: $LATEST\nEND RequestId: 5009fcc8-5032-41fd-9a62-fc133fe04d67\n' +
      'REPORT RequestId: 5009fcc8-5032-41fd-9a62-fc133fe04d67\tDuration: 2.37 ms\tBilled Duration: 427 ms\tMemory Size: 1024 MB\tMax Memory Used: 95 MB\tInit Duration: 423.98 ms\t\n' +
      'XRAY TraceId: 1-6ac7d554-62c6be2f6c1bd8032dac9acf\tSegmentId: 854892f93105b5ae\tSampled: true\n';
    const report = parseReport(tail, '5009fcc8-5032-41fd-9a62-fc133fe04d67');
    expect(report).toEqual({ durationMs: 2.37, billedMs: 427, memoryMb: 1024, maxMemoryMb: 95, initMs: 423.98 });
    expect(Math.ceil(2.37 + 423.98)).toBe(427);
  });

  it('of a cold start before August 2025, whose initialization was not', () => {
    const line =
      'REPORT RequestId: d696fc83-8c70-4112-8746-605b8a98135a\tDuration: 31.37 ms\tBilled Duration: 32 ms\tMemory Size: 128 MB\tMax Memory Used: 81 MB\tInit Duration: 539.15 ms\n';
    expect(parseReport(line)).toMatchObject({ billedMs: 32, initMs: 539.15 });
  });

  // https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html: the report has the restore in place of the initialization.
  it('of a snapshot that was restored, of which only a part is billed', () => {
    const line =
      'REPORT RequestId: 5b321b10-9dfa-4a05-b900-c45b96303238\tDuration: 149.53 ms\tBilled Duration: 313 ms\tMemory Size: 3538 MB\tMax Memory Used: 163 MB\tRestore Duration: 789.64 ms\tBilled Restore Duration: 163 ms\t\n';
    expect(parseReport(line)).toEqual({ durationMs: 149.53, billedMs: 313, memoryMb: 3538, maxMemoryMb: 163, initMs: 789.64 });
  });

  it('of a timeout, with its status', () => {
    const tail =
      '2026-09-23T21:35:37.940Z 1816cb63-aed5-441b-8c34-7afa9f57c785 Task timed out after 3.00 seconds\n\nEND RequestId: 1816cb63-aed5-441b-8c34-7afa9f57c785\n' +
      'REPORT RequestId: 1816cb63-aed5-441b-8c34-7afa9f57c785\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB\tStatus: timeout\n';
    expect(parseReport(tail)).toMatchObject({ durationMs: 3000, billedMs: 3000 });
  });

  it('of an end for want of memory, with its error', () => {
    const line =
      'REPORT RequestId: 276ff3b9-1609-4ee7-a288-db3752630767\tDuration: 10935.70 ms\tBilled Duration: 10936 ms\tMemory Size: 1024 MB\tMax Memory Used: 1024 MB\tStatus: error\tError Type: Runtime.OutOfMemory\n';
    expect(parseReport(line)).toMatchObject({ billedMs: 10_936, memoryMb: 1024, maxMemoryMb: 1024 });
  });

  it('with spaces in place of the tabs, as the console shows it', () => {
    const line =
      'REPORT RequestId: 24addd09-6e64-49fb-b187-94ba9b60b59a Duration: 127.10 ms Billed Duration: 154 ms Memory Size: 2048 MB Max Memory Used: 212 MB Restore Duration: 325.93 ms Billed Restore Duration: 26 ms XRAY TraceId: 1-66d978e5-56c7378e556e94b5461da07c SegmentId: 29c3839e6ecb5895 Sampled: true';
    expect(parseReport(line)).toEqual({ durationMs: 127.1, billedMs: 154, memoryMb: 2048, maxMemoryMb: 212, initMs: 325.93 });
  });
});

describe('a report as JSON', () => {
  // In the form of https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html; the lines are from published answers of `Invoke`.
  it('of a cold start', () => {
    const tail =
      '{"time":"2024-05-20T16:29:45.022Z","type":"platform.runtimeDone","record":{"requestId":"4b142fc3-17b8-4cdb-a46b-a8dbe7918715","status":"success","metrics":{"durationMs":11.185,"producedBytes":40}}}\n' +
      '{"time":"2024-05-20T16:29:45.022Z","type":"platform.report","record":{"requestId":"4b142fc3-17b8-4cdb-a46b-a8dbe7918715","status":"success","metrics":{"durationMs":11.642,"billedDurationMs":12,"memorySizeMB":128,"maxMemoryUsedMB":67,"initDurationMs":174.055}}}\n';
    const report = parseReport(tail, '4b142fc3-17b8-4cdb-a46b-a8dbe7918715');
    expect(report).toEqual({ durationMs: 11.642, billedMs: 12, memoryMb: 128, maxMemoryMb: 67, initMs: 174.055 });
  });

  it('of a timeout', () => {
    const line =
      '{"time":"2026-07-09T06:05:50.581Z","type":"platform.report","record":{"requestId":"aec7a529-47f9-4090-be01-c9ed91bf83cf","metrics":{"durationMs":5000.0,"billedDurationMs":5000,"memorySizeMB":128,"maxMemoryUsedMB":94},"status":"timeout"}}';
    expect(parseReport(line)).toMatchObject({ durationMs: 5000, billedMs: 5000, initMs: undefined });
  });

  it('with a trace beside it', () => {
    const line =
      '{"time":"2022-10-21T14:05:05.766Z","type":"platform.report","record":{"requestId":"459921b5-681c-4a96-beb0-81e0aa586026","metrics":{"durationMs":2599.4,"billedDurationMs":2600,"memorySizeMB":128,"maxMemoryUsedMB":94,"initDurationMs":549.04},"tracing":{"spanId":"24cd7d670fa455f0","type":"X-Amzn-Trace-Id","value":"Root=1-6352a70e-1e2c502e358361800241fd45;Parent=35465b3a9e2f7c6a;Sampled=1"},"status":"success"}}';
    expect(parseReport(line)).toMatchObject({ billedMs: 2600, initMs: 549.04 });
  });

  it('with figures that are no whole numbers, which the schema allows', () => {
    const line =
      '{"type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":11.5,"billedDurationMs":12.0,"memorySizeMB":1280.0,"maxMemoryUsedMB":64.0,"restoreDurationMs":400.5,"billedRestoreDurationMs":10}}}';
    expect(parseReport(line)).toEqual({ durationMs: 11.5, billedMs: 12, memoryMb: 1280, maxMemoryMb: 64, initMs: 400.5 });
  });
});

describe('a tail without its report', () => {
  const report = 'REPORT RequestId: a\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB\t\n';

  it('has none when it is empty, cut off, or of another invocation', () => {
    expect(parseReport('')).toBeUndefined();
    expect(parseReport(report.slice(0, 60), 'a')).toBeUndefined();
    expect(parseReport('Id: a\tDuration: 1.00 ms\tBilled Duration: 1 ms', 'a')).toBeUndefined();
    expect(parseReport(report, 'b')).toBeUndefined();
    expect(parseReport('{"type":"platform.report","record":{"requestId":"a","metr', 'a')).toBeUndefined();
  });

  it('is not deceived by what a function prints: the last report counts', () => {
    const printed = report.replace('Billed Duration: 1 ms', 'Billed Duration: 0 ms');
    expect(parseReport(`${printed}END RequestId: a\n${report}`, 'a')).toMatchObject({ billedMs: 1 });
  });
});
