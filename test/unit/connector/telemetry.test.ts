// Proves what a connector tells of itself: figures of every call, one trace per run, and back-pressure that can be seen.
import { afterEach, describe, expect, it } from 'vitest';
import { metrics } from '../../../src/protocol/metrics.ts';
import { deriveAttemptSpanId, deriveRunSpanId } from '../../../src/protocol/trace-context.ts';
import type { Span, Telemetry } from '../../../src/ports/telemetry.ts';
import { loadDesk } from '../../support/apps/desk/load-desk.ts';
import { fail, openStage, type Stage } from '../../support/stage/stage.ts';

const desk = await loadDesk();
let stage: Stage;
afterEach(() => stage.close());

interface Recorded {
  readonly telemetry: Telemetry;
  readonly spans: Span[];
  readonly read: (name: string, labels?: object) => number;
  readonly gauge: (name: string) => number | undefined;
}

const record = (): Recorded => {
  const [sums, gauges, spans] = [new Map<string, number>(), new Map<string, () => number>(), [] as Span[]];
  const add = (name: keyof typeof metrics, amount: number, labels: object = {}): void => {
    const unknown = Object.keys(labels).filter((label) => !(metrics[name].labels as readonly string[]).includes(label));
    if (unknown.length > 0) throw new Error(`${name} has no label ${unknown.join()}`);
    const key = `${name} ${JSON.stringify(labels)}`;
    sums.set(key, (sums.get(key) ?? 0) + amount);
  };
  return {
    spans,
    telemetry: {
      count: add,
      measure: (name, _value, labels) => add(name, 1, labels),
      watch: (name, read) => {
        gauges.set(name, read);
        return () => gauges.delete(name);
      },
      trace: (span) => void spans.push(span),
    },
    read: (name, labels = {}) => sums.get(`${name} ${JSON.stringify(labels)}`) ?? 0,
    gauge: (name) => gauges.get(name)?.(),
  };
};

const open = async (more: { readonly readMemoryShare?: () => number } = {}): Promise<Recorded> => {
  const recorded = record();
  stage = await openStage({ app: desk, telemetry: recorded.telemetry, ...more });
  return recorded;
};

describe('figures', () => {
  it('count messages, commits, invocations and ends of runs', async () => {
    const { read } = await open();
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1);
    await stage.pass('1s');
    expect(read('starquake_commits', { outcome: 'appended' })).toBe(2);
    expect(read('starquake_run_ends', { app: 'desk', workflow: 'one-job', status: 'completed' })).toBe(1);
    expect(read('starquake_messages_read', { topic: 'inbox', redelivered: false })).toBe(2);
    expect(read('starquake_messages_published', { topic: 'history', again: false })).toBe(2);
    expect(read('starquake_decision_batch')).toBe(2);
    expect(read('starquake_store_call_seconds', { operation: 'append', outcome: 'appended' })).toBe(2);
  });

  it('count what could not be parsed, and what went wrong', async () => {
    const { read } = await open();
    await stage.connect('owner');
    await stage.publish([{ topic: 'inbox', key: 'run', id: 'bad', body: '{' }]);
    expect(read('starquake_dead_letters')).toBe(1);
    expect(read('starquake_troubles', { code: 'MESSAGE_INVALID' })).toBe(1);
  });

  it('count a lost race', async () => {
    const { read } = await open();
    await stage.connect('owner');
    await stage.start('run', 'listen', 2);
    await stage.commitBehind('run', [{ type: 'RunPaused', requestId: 'behind' }], ['behind']);
    await stage.signal('run', 'go', 1);
    expect(read('starquake_commits', { outcome: 'conflict' })).toBe(1);
  });
});

describe('the trace of a run', () => {
  it('has a span for the run, one for each decision and one for each attempt, all of one trace', async () => {
    const { spans } = await open();
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1);
    const run = spans.find(({ id }) => id === deriveRunSpanId('run'));
    expect(run).toMatchObject({ run: 'run', name: 'desk/one-job', attributes: { 'starquake.status': 'completed' } });
    expect(spans.filter(({ name }) => name === 'decide')).toHaveLength(2);
    const attempts = spans.filter(({ name }) => name === 'job work');
    expect(attempts.map(({ id }) => id)).toEqual([deriveAttemptSpanId({ run: 'run', job: 2, generation: 1, number: 1 })]);
    expect(new Set(spans.map((span) => span.run))).toEqual(new Set(['run']));
  });

  it('belongs to the trace that the run was started in, in attempts as well', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { spans } = await open();
    await stage.connect('owner');
    await stage.start('run', 'one-job', 1, { traceparent });
    expect(new Set(spans.map((span) => span.traceparent))).toEqual(new Set([traceparent]));
    expect(stage.attempts[0]?.attempt.traceparent).toBe(traceparent);
  });

  it('says what an attempt failed of', async () => {
    const { spans } = await open();
    stage.jobs['work-once'] = () => fail('the printer is out of paper');
    await stage.connect('owner');
    await stage.start('run', 'job-of', 'work-once');
    expect(spans.find(({ name }) => name === 'job work-once')?.failure).toBe('the printer is out of paper');
  });
});

describe('back-pressure', () => {
  it('holds attempts back while memory is short, shows it, and lets them go on', async () => {
    let share = 0.99;
    const { gauge } = await open({ readMemoryShare: () => share });
    stage.jobs['work'] = () => new Promise(() => undefined);
    await stage.connect('owner');
    await stage.start('first', 'one-job', 1);
    await stage.start('second', 'one-job', 2);
    expect(stage.attempts).toHaveLength(1);
    expect([gauge('starquake_attempts_in_flight'), gauge('starquake_attempts_waiting'), gauge('starquake_memory_short')]).toEqual([
      1, 1, 1,
    ]);
    expect(stage.reportedCodes).toEqual(['MEMORY_SHORT']);
    share = 0.5;
    await stage.pass('1s');
    expect(stage.attempts).toHaveLength(2);
  });
});
