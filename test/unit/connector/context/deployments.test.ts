// Proves which deployment of an app is the newest, and what it offers.
import { describe, expect, it } from 'vitest';
import { Deployments } from '../../../../src/connector/context/deployments.ts';
import type { Manifest } from '../../../../src/protocol/manifest.ts';
import { SCHEDULE_WORKFLOW } from '../../../../src/protocol/schedule-names.ts';

const manifest = (deployment: string, order: number, more: Partial<Manifest> = {}): Manifest => ({
  v: 1,
  app: 'desk',
  deployment,
  order,
  decisionFunction: `decision@${deployment}`,
  jobRetryFunction: `job-retry@${deployment}`,
  workflows: [{ name: 'one-job' }],
  jobs: [{ name: 'work', function: `jobs@${deployment}`, timeoutMs: 1, memoryMb: 1 }],
  schedules: [],
  ...more,
});
const nightly = { name: 'nightly', cron: '0 3 * * *', zone: 'UTC', workflow: 'one-job', overlap: 'skip' as const };

const know = (...manifests: readonly Manifest[]): Deployments => {
  const deployments = new Deployments();
  for (const each of manifests) deployments.add(each);
  return deployments;
};

describe('the newest deployment', () => {
  it('is that of the highest number, in whichever order they came', () => {
    expect(know(manifest('b', 2), manifest('c', 3), manifest('a', 1)).find('desk')?.deployment).toBe('c');
  });

  it('is that of its own app', () => {
    expect(know(manifest('a', 1), manifest('x', 9, { app: 'other' })).find('desk')?.deployment).toBe('a');
    expect(know().find('desk')).toBeUndefined();
  });

  it('may be replaced in place', () => {
    const deployments = know(manifest('a', 1), manifest('a', 1, { workflows: [] }));
    expect(deployments.findFacts('desk')?.hasWorkflow('one-job')).toBe(false);
  });
});

describe('a deployment', () => {
  it('has the workflows of its manifest, and the built-in one of schedules', () => {
    const facts = know(manifest('a', 1)).findFacts('desk', 'a');
    expect(['one-job', 'other', SCHEDULE_WORKFLOW].map((name) => facts?.hasWorkflow(name))).toEqual([true, false, true]);
  });

  it('has the jobs of its manifest', () => {
    const deployments = know(manifest('a', 1));
    expect([
      deployments.findJob('desk', 'a', 'work')?.function,
      deployments.findJob('desk', 'b', 'work'),
      deployments.findJob('desk', 'a', 'x'),
    ]).toEqual(['jobs@a', undefined, undefined]);
  });
});

describe('a schedule that is gone', () => {
  it('is one that an older deployment had, and the newest has not', () => {
    expect(know(manifest('a', 1, { schedules: [nightly] }), manifest('b', 2)).findGoneSchedules('desk')).toEqual(['nightly']);
    expect(know(manifest('a', 1, { schedules: [nightly] }), manifest('b', 2, { schedules: [nightly] })).findGoneSchedules('desk')).toEqual(
      [],
    );
    expect(know(manifest('a', 1), manifest('b', 2, { schedules: [nightly] })).findGoneSchedules('desk')).toEqual([]);
  });
});
