// Alarms: each says where to read what to do, tells somebody, and looks at something that is really measured.
import { Function } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { listSources, platformMetrics, scrapedMetrics } from '../../lib/settings/scraped-metrics.ts';
import type { SettingsInput } from '../../lib/settings/settings.ts';
import { ObservabilityStack } from '../../lib/stacks/observability-stack.ts';
import { StateStack } from '../../lib/stacks/state-stack.ts';
import { metrics } from '../../src/protocol/metrics.ts';
import { readProperty, synthesizeStacks, type SynthesizedStacks } from '../support/infra/synthesize-stacks.ts';

const synthesize = (input: SettingsInput): SynthesizedStacks =>
  synthesizeStacks(input, (app, settings) => {
    const given = { env: { region: settings.region }, settings };
    const state = new StateStack(app, 'state', given);
    const timerFunction = Function.fromFunctionName(state, 'Timer', 'starquake-starquake_timer');
    new ObservabilityStack(app, 'observability', { ...given, state, engine: { timerFunction } });
  });

const small = synthesize({ size: 'small', alarms: { email: 'platform@example.org' } });
const elsewhere = synthesize({ size: 'small', alarms: { runbook: 'https://wiki.example.org/starquake' } });
const dev = synthesize({ size: 'dev' });
const alarms = small.list('AWS::CloudWatch::Alarm');

/** Every metric that an alarm looks at, with its namespace. */
const listLooks = (stacks: SynthesizedStacks): readonly string[] =>
  [...JSON.stringify(stacks.list('AWS::CloudWatch::Alarm')).matchAll(/"MetricName":"([^"]+)","Namespace":"([^"]+)"/g)].map(
    ([, name, space]) => `${space} ${name}`,
  );

describe('every alarm', () => {
  it('says where to read what to do', () => {
    expect(alarms.length).toBeGreaterThanOrEqual(14);
    for (const alarm of alarms) {
      const id = String(readProperty(alarm, 'AlarmName')).replace('starquake-', '');
      expect(readProperty(alarm, 'AlarmDescription')).toMatch(new RegExp(`^[A-Z].+\\. What to do: docs/runbook\\.md#${id}$`));
    }
  });

  it('names the copy of the runbook that the settings name', () => {
    expect(readProperty(elsewhere.list('AWS::CloudWatch::Alarm')[0], 'AlarmDescription')).toContain('https://wiki.example.org/starquake#');
  });

  it('tells when it calls, and when it is over', () => {
    for (const alarm of alarms) {
      expect(readProperty(alarm, 'AlarmActions')).toHaveLength(1);
      expect(readProperty(alarm, 'OKActions')).toHaveLength(1);
    }
  });

  it('is quiet while nothing is measured, but for the one that is about that', () => {
    const calling = alarms.filter((alarm) => readProperty(alarm, 'TreatMissingData') !== 'notBreaching');
    expect(calling.map((alarm) => readProperty(alarm, 'AlarmName'))).toEqual(['starquake-no-connector']);
  });

  it('is about what the issue wants to be told of', () => {
    const names = alarms.map((alarm) => String(readProperty(alarm, 'AlarmName')).replace('starquake-', ''));
    expect(new Set(names)).toEqual(
      new Set([
        'backlog-age',
        'blocked-runs',
        'bookie-read-only',
        'cost-anomaly',
        'dead-letters',
        'disk',
        'error-rate',
        'no-connector',
        'offload-lag',
        'throttled-functions',
        'throttled-tables',
        'timer-errors',
        'under-replicated-ledgers',
        'upgrade-needed',
        'zookeeper-slow',
      ]),
    );
  });
});

describe('what alarms look at', () => {
  it('is brought by the agents, under the namespace of the platform, or made by AWS', () => {
    const known = new Set(scrapedMetrics.map(({ name }) => `Starquake/starquake ${name}`));
    const looks = listLooks(small);
    expect(looks.length).toBeGreaterThanOrEqual(alarms.length);
    for (const look of looks) expect(known.has(look) || /^AWS\/(Lambda|DynamoDB) /.test(look)).toBe(true);
  });

  it('is a measurement of the connector that it makes, with labels that it has', () => {
    for (const { name, source, labels } of scrapedMetrics.filter((metric) => metric.source === 'connector')) {
      const definition = Object.entries(metrics).find(([own, { kind }]) => name === (kind === 'counter' ? `${own}_total` : own))?.[1];
      expect({ source, name, definition }).toEqual({ source, name, definition: expect.anything() });
      for (const label of labels) expect(definition?.labels).toContain(label);
      // What is not added up cannot be brought: agents leave histograms out.
      expect(definition?.kind).not.toBe('histogram');
    }
  });

  it('has no label where each single count is an alarm, so that the first one is told too', () => {
    const [blocked] = small.list('AWS::CloudWatch::Alarm').filter(({ Properties }) => JSON.stringify(Properties).includes('blocked_runs'));
    expect(JSON.stringify(blocked?.Properties['Dimensions'])).toBe('[{"Name":"job","Value":"connector"}]');
    expect(metrics.starquake_blocked_runs.labels).toEqual([]);
    expect(metrics.starquake_dead_letters.labels).toEqual([]);
  });

  it('chooses topics, states and codes by labels, as whole expressions', () => {
    const { topic } = platformMetrics.backlogAge.only;
    for (const name of ['inbox-partition-12', 'retries', 'timers-partition-0'])
      expect(`persistent://starquake/main/${name}`).toMatch(new RegExp(`^(${topic})$`));
    for (const name of ['history-partition-0', 'jobs.booking.book-flight', 'dead-letters'])
      expect(`persistent://starquake/main/${name}`).not.toMatch(new RegExp(`^(${topic})$`));
  });

  it('is nothing of machines where those tell nothing', () => {
    expect(listSources('dev')).toEqual([]);
    const looks = listLooks(dev);
    expect(looks.length).toBeGreaterThan(0);
    for (const look of looks) expect(look).toMatch(/^AWS\//);
  });
});

describe('who is told', () => {
  it('is told by a topic that is encrypted, and takes TLS only', () => {
    const [topic] = small.list('AWS::SNS::Topic');
    expect(readProperty(topic, 'KmsMasterKeyId')).toBeTruthy();
    expect(JSON.stringify(small.list('AWS::SNS::TopicPolicy'))).toContain('"aws:SecureTransport":"false"');
    expect(small.list('AWS::SNS::Subscription').map(({ Properties }) => [Properties['Protocol'], Properties['Endpoint']])).toEqual([
      ['email', 'platform@example.org'],
    ]);
  });

  it('is nobody when the settings name nobody; alarms are seen in CloudWatch all the same', () => {
    expect(elsewhere.list('AWS::SNS::Subscription')).toEqual([]);
    expect(elsewhere.list('AWS::CloudWatch::Alarm')).toHaveLength(alarms.length);
  });
});

it('the dashboard shows all alarms, and says where the runbook is', () => {
  const [dashboard] = small.list('AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(readProperty(dashboard, 'DashboardBody'));
  for (const { id } of alarms) expect(body).toContain(`"${id}"`);
  expect(body).toContain('docs/runbook.md');
});
