// The built-in workflow that every schedule is a run of: sleep until the next time, start the child detached, begin anew (rule 18).
import { cron } from './calendar.ts';
import type { AnyWorkflow, Task } from './flow.ts';
import { scheduleOrder, scheduleWorkflowName, type ScheduleFlow, type ScheduleOrder, type ScheduleState } from './schedule.ts';

const open: ScheduleState = { definition: null, paused: false, waiting: 0, occurrences: 0 };

/** Another rule counts from now; the same one goes on, so that an occurrence whose timer is late is not lost. */
const isSameRule = ({ definition }: ScheduleState, other: ScheduleState['definition']): boolean =>
  definition?.cron === other?.cron && definition?.zone === other?.zone;

const obey = (state: ScheduleState, order: ScheduleOrder, now: number): ScheduleState => {
  switch (order.kind) {
    case 'define': {
      const { problem: _, ...rest } = state;
      return { ...rest, definition: order.definition, since: isSameRule(state, order.definition) ? (state.since ?? now) : now };
    }
    case 'pause':
      return { ...state, paused: true };
    case 'resume':
      return { ...state, paused: false, since: state.paused ? now : (state.since ?? now) };
    case 'trigger':
      return occur(state, state.definition?.overlap ?? 'skip', false);
  }
};

/** What an occurrence changes: one more waits to be started, or it is left out. */
const occur = (state: ScheduleState, overlap: 'skip' | 'queue' | 'allow', busy: boolean): ScheduleState =>
  busy && overlap === 'skip' ? state : { ...state, waiting: state.waiting + 1 };

const explain = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A definition that cannot be used does not end the schedule: it says so, and waits for a better one. */
const startWaiting = (state: ScheduleState, flow: ScheduleFlow): ScheduleState => {
  const { definition } = state;
  if (!definition) return { ...state, waiting: 0 };
  let { waiting, occurrences } = state;
  try {
    while (waiting > 0 && (definition.overlap === 'allow' || flow.openChildren().length === 0)) {
      flow.startByName(definition.workflow, definition.input, { tags: { schedule: definition.name } });
      waiting -= 1;
      occurrences += 1;
    }
  } catch (error) {
    return { ...state, waiting: 0, occurrences, problem: explain(error) };
  }
  return { ...state, waiting, occurrences };
};

type Happening = { readonly kind: 'due' } | { readonly kind: 'order'; readonly order: ScheduleOrder } | { readonly kind: 'freed' };

/** The sleep until the next occurrence, or why there is none. */
const sleepUntilNext = (
  { definition, paused, problem, since }: ScheduleState,
  flow: ScheduleFlow,
): { readonly due?: Task<void>; readonly problem?: string } => {
  if (problem !== undefined) return { problem };
  if (!definition || paused) return {};
  try {
    return { due: flow.sleepUntilNext(cron(definition.cron, definition.zone), since ?? flow.now()) };
  } catch (error) {
    return { problem: explain(error) };
  }
};

const waitForNext = async (state: ScheduleState, flow: ScheduleFlow, due: Task<void> | undefined): Promise<Happening> => {
  const order = flow.receive(scheduleOrder);
  const waits: Promise<Happening>[] = [order.then((value) => ({ kind: 'order', order: value }) as const)];
  if (due) waits.push(due.then(() => ({ kind: 'due' }) as const));
  if (state.waiting > 0) {
    for (const child of flow.openChildren()) {
      const result = child.result();
      const freed = (): Happening => ({ kind: 'freed' });
      waits.push(result.then(freed, freed));
    }
  }
  const happening = await Promise.race(waits);
  order.cancel();
  due?.cancel();
  return happening;
};

const run = async (input: unknown, flow: ScheduleFlow): Promise<unknown> => {
  let state: ScheduleState = { ...open, since: flow.now(), ...(input as Partial<ScheduleState> | undefined) };
  const { due, problem } = sleepUntilNext(state, flow);
  const { paused, occurrences, waiting } = state;
  flow.status({ paused, occurrences, waiting, ...(problem !== undefined && { problem }) });
  const happening = await waitForNext(state, flow, due);
  if (happening.kind === 'order') state = obey(state, happening.order, flow.now());
  if (happening.kind === 'due') {
    state = { ...occur(state, state.definition?.overlap ?? 'skip', flow.openChildren().length > 0), since: flow.now() };
  }
  return flow.continueAs(startWaiting(state, flow));
};

/** The built-in workflow. */
export const scheduleWorkflow: AnyWorkflow = {
  kind: 'workflow',
  name: scheduleWorkflowName,
  run: (input: unknown, flow) => run(input, flow as unknown as ScheduleFlow),
};
