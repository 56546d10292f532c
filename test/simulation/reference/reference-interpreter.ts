// Replays the final history of a run by a small second meaning of workflow code, and says where the two disagree.
import { signal } from 'starquake';
import type { Commit } from '../../../src/protocol/commit.ts';
import type { EventOf, RunEvent } from '../../../src/protocol/events.ts';
import { jobs, program } from '../programs/app.ts';
import { interpret } from '../programs/interpret.ts';
import type { Program } from '../programs/program.ts';
import { agree, anyValue } from './agree.ts';
import { splitBeginnings, type Beginning } from './beginnings.ts';
import { createReferenceFlow, pass } from './reference-flow.ts';
import { ReferenceError, ReferenceRun } from './reference-run.ts';
import { settle } from '../clockwork/scheduler.ts';

const told: ReadonlySet<RunEvent['type']> = new Set([
  'JobSucceeded',
  'JobFailed',
  'JobCanceled',
  'TimerFired',
  'ChildClosed',
  'SignalReceived',
  'CancelRequested',
]);

const isCommand = (event: RunEvent): event is RunEvent & { readonly command: number } =>
  'command' in event && event.command !== undefined && event.type !== 'RunContinued';

const undoAll = async (run: ReferenceRun): Promise<number> => {
  let failed = 0;
  await (async () => {
    run.beginUndoing();
    await Promise.allSettled(run.undoable);
  })();
  for (let undo = run.undos.pop(); undo; undo = run.undos.pop()) {
    try {
      await undo();
    } catch {
      failed += 1;
    }
  }
  return failed;
};

/** A failure as far as the reference knows it. */
const writeFailure = (error: unknown): object => {
  const code = error instanceof ReferenceError ? error.code : error instanceof Error ? error.name : String(error);
  return { code, name: anyValue, message: anyValue };
};

const execute = async (run: ReferenceRun, input: Program, continueWith: (input: unknown) => Promise<never>): Promise<void> => {
  const flow = createReferenceFlow(run, continueWith);
  await pass(undefined);
  try {
    const output = await interpret({ flow, jobs, workflow: program, signal }, input);
    await (async () => {
      await pass(undefined);
      run.emit({ type: 'RunCompleted', output: { json: output } });
      run.hasEnded = true;
    })();
  } catch (error) {
    const cause = (error instanceof ReferenceError ? error.told : undefined) ?? run.delivering?.number ?? 0;
    const failed = await undoAll(run);
    // A child that was canceled with the run fails it, if nobody catches that.
    const isCancel = error instanceof ReferenceError && error.code === 'RUN_CANCELED' && error.told === undefined;
    if (failed === 0 && isCancel && run.cancel === 'thrown') run.emit({ type: 'RunCanceled', cause });
    else run.emit({ type: 'RunFailed', cause, failure: writeFailure(error) });
    run.hasEnded = true;
  }
};

/** What a run takes over from its beginning before. */
const takeOver = (run: ReferenceRun, event: EventOf<'RunContinued'>): void => {
  for (const { signal: name, value } of event.signals) run.putSignal(name, 'json' in value ? value.json : undefined);
  for (const { child, run: id } of event.children) run.detached.set(child, id);
  if (event.cancel) run.cancel = 'requested';
};

const checkContinued = (run: ReferenceRun, input: unknown, continued: EventOf<'RunContinued'> | undefined): string[] => {
  if (!continued) return [`the code began anew, but the history does not`];
  const expected = {
    command: run.emitted + 1,
    input: { json: input },
    signals: run.unread.map(({ signal: name, value }) => ({ signal: name, value: value === undefined ? {} : { json: value } })),
    cancel: run.cancel === 'requested',
    children: [...run.detached].map(([child, id]) => ({ child, run: id })),
  };
  return Object.entries(expected)
    .filter(([field, value]) => !agree(value, Reflect.get(continued, field), run.bindings))
    .map(
      ([field, value]) =>
        `RunContinued (event ${continued.number}): ${field} is ${JSON.stringify(Reflect.get(continued, field))}, not ${JSON.stringify(value)}`,
    );
};

const replayBeginning = async (id: string, { events, continued }: Beginning): Promise<readonly string[]> => {
  const gone = new Set(events.flatMap((event) => (event.type === 'RunRetried' ? event.withdrawn : [])));
  const standing = events.filter(({ number }) => !gone.has(number));
  const run = new ReferenceRun(id, new Map(standing.filter(isCommand).map((event) => [event.command, event])));
  let next: { readonly input: unknown } | undefined;
  const continueWith = (input: unknown): Promise<never> => {
    if (run.undos.length > 0) throw new ReferenceError('COMPENSATION_PENDING');
    next = { input };
    run.hasEnded = true;
    return new Promise(() => undefined);
  };
  for (const event of standing) {
    if (event.type === 'RunStarted' || event.type === 'RunContinued') {
      run.delivering = event;
      if (event.type === 'RunContinued') takeOver(run, event);
      void execute(run, ('json' in event.input ? event.input.json : undefined) as Program, continueWith);
      await settle();
    } else if (told.has(event.type) && !isCommand(event)) {
      run.deliver(event);
      await settle();
    }
  }
  const cutShort = standing.some(({ type }) => type === 'RunTerminated' || type === 'RunRefused');
  const missing = run.missing.map((event) => `event ${event.number} ${event.type} is recorded, but the code did not ask for it`);
  // Of a run that was terminated the code may not have been asked to the end.
  const disagreements = cutShort ? run.disagreements.filter((text) => !text.endsWith('is not recorded')) : run.disagreements;
  if (next && !(cutShort && !continued)) return [...disagreements, ...missing, ...checkContinued(run, next.input, continued)];
  return [...disagreements, ...missing, ...(continued ? ['the history begins anew, but the code did not'] : [])];
};

/** Holds the history of a run against the reference. @returns what they disagree about */
export const findDisagreements = async (run: string, commits: readonly Commit[]): Promise<readonly string[]> => {
  const disagreements: string[] = [];
  for (const beginning of splitBeginnings(commits)) disagreements.push(...(await replayBeginning(run, beginning)));
  return disagreements;
};
