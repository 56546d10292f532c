// Tells the runs of schedules what a newly taken up deployment defines (rule 18).
import { SCHEDULE_WORKFLOW, scheduleRunId, type Manifest, type ManifestSchedule } from '../protocol/manifest.ts';
import { writeInbox, type Letter } from '../engine/outbox/derivation.ts';
import type { ScheduleOrder } from '../sdk/schedule.ts';
import type { ConnectorContext } from './context/context.ts';

const writeOrders = (manifest: Manifest, name: string, definition: ManifestSchedule | null): Letter[] => {
  const run = scheduleRunId(manifest.app, name);
  const order: ScheduleOrder = { kind: 'define', definition };
  const start = writeInbox({
    type: 'StartRun',
    run,
    app: manifest.app,
    workflow: SCHEDULE_WORKFLOW,
    input: {},
    inputHash: SCHEDULE_WORKFLOW,
    tags: { schedule: name },
    requestId: `schedule/${manifest.app}/${name}`,
  });
  const define = writeInbox({
    type: 'Signal',
    run,
    signal: 'schedule',
    value: { json: order },
    requestId: `define/${manifest.deployment}/${manifest.order}`,
  });
  return [start, define];
};

/** Starts or redefines the schedules of an app's newest deployment, and pauses those that are gone. */
export const applySchedules = async ({ ports, calls, settings, deployments }: ConnectorContext, app: string): Promise<void> => {
  const manifest = deployments.find(app);
  if (!manifest) return;
  const letters = [
    ...manifest.schedules.flatMap((definition) => writeOrders(manifest, definition.name, definition)),
    ...deployments.findGoneSchedules(app).flatMap((name) => writeOrders(manifest, name, null)),
  ];
  if (letters.length === 0) return;
  await calls.untilDone('defining schedules', settings.callTimeoutMs, (again) =>
    ports.bus.publish(
      letters.map((letter) => ({ ...letter, again })),
      { timeoutMs: settings.callTimeoutMs },
    ),
  );
};
