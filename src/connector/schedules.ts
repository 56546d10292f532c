// Tells the runs of schedules what a newly taken up deployment defines (rule 18).
import type { Manifest, ManifestSchedule } from '../protocol/manifest.ts';
import { SCHEDULE_WORKFLOW, scheduleRunId } from '../protocol/schedule-names.ts';
import { writeInbox, type InboxDraft, type Letter } from '../engine/outbox/derivation.ts';
import type { ScheduleOrder } from '../sdk/schedule.ts';
import type { ConnectorContext } from './context/context.ts';

const writeOrders = (manifest: Manifest, name: string, definition: ManifestSchedule | null, v: number): Letter[] => {
  const run = scheduleRunId(manifest.app, name);
  const order: ScheduleOrder = { kind: 'define', definition };
  const start: InboxDraft = {
    type: 'StartRun',
    run,
    app: manifest.app,
    workflow: SCHEDULE_WORKFLOW,
    input: {},
    inputHash: SCHEDULE_WORKFLOW,
    tags: { schedule: name },
    requestId: `schedule/${manifest.app}/${name}`,
  };
  const define: InboxDraft = {
    type: 'Signal',
    run,
    signal: 'schedule',
    value: { json: order },
    requestId: `define/${manifest.deployment}/${manifest.order}`,
  };
  return [writeInbox(start, v), writeInbox(define, v)];
};

/** Starts or redefines the schedules of an app's newest deployment, and pauses those that are gone. */
export const applySchedules = async ({ ports, calls, settings, deployments }: ConnectorContext, app: string): Promise<void> => {
  const manifest = deployments.find(app);
  if (!manifest) return;
  const letters = [
    ...manifest.schedules.flatMap((definition) => writeOrders(manifest, definition.name, definition, settings.writeVersion)),
    ...deployments.findGoneSchedules(app).flatMap((name) => writeOrders(manifest, name, null, settings.writeVersion)),
  ];
  if (letters.length === 0) return;
  await calls.untilDone('defining schedules', settings.callTimeoutMs, (again) =>
    ports.bus.publish(
      letters.map((letter) => ({ ...letter, again })),
      { timeoutMs: settings.callTimeoutMs },
    ),
  );
};
