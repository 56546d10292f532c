// An app whose jobs are heavy and whose workflow is light: what a decision bundle must not carry.
import { readFileSync } from 'node:fs';
import * as sq from 'starquake';
import { app, job as defineJob, schedule, workflow } from 'starquake';
import { heavyClient } from './heavy-client.ts';
import { describeOrder } from './order.ts';

const settings = { secret: 'MARKER-OF-SETTINGS' };
const connection = heavyClient.connect(settings.secret);

const formatReport = (text: string): string => `MARKER-OF-HELPER ${text} ${connection}`;

export const report = defineJob({
  name: 'report',
  timeout: '5s',
  totalTimeout: '1m',
  maxConcurrency: 3,
  memoryMb: 512,
  async run(order: string) {
    return formatReport(`MARKER-OF-REPORT ${order} ${readFileSync(new URL(import.meta.url), 'utf8').length}`);
  },
});

export const archive = sq.job({ name: 'archive', run: async (order: string) => `MARKER-OF-ARCHIVE ${order} ${connection}` });

export const handle = workflow({
  name: 'handle',
  async run(order: string, flow) {
    await flow.run(report, describeOrder(order));
    return flow.run(archive, order);
  },
});

export default app({
  name: 'heavy',
  workflows: [handle],
  jobs: [report, archive],
  schedules: [schedule({ name: 'nightly', cron: '0 3 * * *', zone: 'Europe/Paris', workflow: handle, input: 'all' })],
});
