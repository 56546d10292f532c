// Proves what OpenTelemetry makes of what the engine tells: metrics as Prometheus reads them, and one trace per run across processes.
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import { openTelemetry, type OpenTelemetry } from '../../../../src/adapters/telemetry/open-telemetry.ts';
import { metrics } from '../../../../src/protocol/metrics.ts';
import {
  deriveAttemptSpanId,
  deriveRunSpanId,
  findTraceId,
  isTraceparent,
  writeTraceparent,
} from '../../../../src/protocol/trace-context.ts';

const opened: OpenTelemetry[] = [];
afterEach(() => Promise.all(opened.splice(0).map((telemetry) => telemetry.close())));

const open = (options: Partial<Parameters<typeof openTelemetry>[0]> = {}): OpenTelemetry => {
  const telemetry = openTelemetry({ instance: 'one', version: '1', ...options });
  opened.push(telemetry);
  return telemetry;
};

describe('metrics', () => {
  it('counters and histograms carry their labels', async () => {
    const telemetry = open();
    telemetry.count('starquake_commits', 2, { outcome: 'appended' });
    telemetry.count('starquake_commits', 1, { outcome: 'appended' });
    telemetry.measure('starquake_timer_lateness_seconds', 0.02);
    const text = await telemetry.readMetrics();
    expect(text).toContain('starquake_commits_total{outcome="appended"} 3');
    expect(text).toContain('starquake_timer_lateness_seconds_bucket{le="0.01"} 0');
    expect(text).toContain('starquake_timer_lateness_seconds_bucket{le="0.025"} 1');
  });

  it('a gauge is read when somebody looks, the sum of all who show it, and 0 when nobody does', async () => {
    const telemetry = open();
    const stop = [telemetry.watch('starquake_cached_runs', () => 2), telemetry.watch('starquake_cached_runs', () => 3)];
    expect(await telemetry.readMetrics()).toContain('starquake_cached_runs 5');
    for (const end of stop) end();
    expect(await telemetry.readMetrics()).toContain('starquake_cached_runs 0');
  });

  it('each that the protocol names can be told', async () => {
    const telemetry = open();
    for (const [name, { kind }] of Object.entries(metrics)) {
      if (kind === 'counter') telemetry.count(name as 'starquake_commits', 1);
      if (kind === 'histogram') telemetry.measure(name as 'starquake_decision_batch', 1);
      if (kind === 'gauge') telemetry.watch(name as 'starquake_cached_runs', () => 1);
    }
    const text = await telemetry.readMetrics();
    expect(Object.keys(metrics).filter((name) => !text.includes(`# TYPE ${name}`))).toEqual([]);
  });
});

describe('traces', () => {
  const attempt = { run: 'run', job: 2, generation: 1, number: 1 };

  it('two processes tell spans of one run into one trace, under the run', async () => {
    const spans = new InMemorySpanExporter();
    const [one, other] = [open({ spans }), open({ spans, instance: 'other' })];
    one.trace({ run: 'run', name: 'decide', from: 1000, to: 1010, attributes: {} });
    other.trace({
      run: 'run',
      name: 'job work',
      from: 1010,
      to: 1020,
      id: deriveAttemptSpanId(attempt),
      attributes: {},
      failure: 'no paper',
    });
    other.trace({ run: 'run', name: 'desk/one-job', from: 1000, to: 1030, id: deriveRunSpanId('run'), attributes: {} });
    const told: string[] = [];
    const original = spans.shutdown.bind(spans);
    spans.shutdown = () => {
      for (const span of spans.getFinishedSpans())
        told.push(`${span.name} ${span.spanContext().traceId} ${span.parentSpanContext?.spanId}`);
      return original();
    };
    await Promise.all([one.close(), other.close()]);
    opened.splice(0);
    const trace = findTraceId('run');
    expect(told.toSorted()).toEqual([
      `decide ${trace} ${deriveRunSpanId('run')}`,
      `desk/one-job ${trace} undefined`,
      `job work ${trace} ${deriveRunSpanId('run')}`,
    ]);
  });

  it('what an attempt hands on is a valid trace context under its own span', () => {
    const handed = writeTraceparent('run', deriveAttemptSpanId(attempt));
    expect(isTraceparent(handed)).toBe(true);
    expect(handed).toContain(findTraceId('run'));
    expect(handed).toContain(deriveAttemptSpanId(attempt));
  });

  it('a run that was started in a trace stays in it', () => {
    const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
    expect(writeTraceparent('run', deriveRunSpanId('run'), given)).toBe(`00-4bf92f3577b34da6a3ce929d0e0e4736-${deriveRunSpanId('run')}-00`);
  });

  it('what is no trace context is told from one that is', () => {
    expect(['', 'x', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01`].map(isTraceparent)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
