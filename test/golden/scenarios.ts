// The flows of which golden histories are kept: one of each kind, on the real connector loops and virtual time.
import { fail, type Stage } from '../support/stage/stage.ts';

/** Brings a run about, with everything that happens to it. */
export interface Scenario {
  readonly run: string;
  readonly play: (stage: Stage) => Promise<void>;
}

const trip = { to: 'Rome', price: 7 };
const start = (stage: Stage, run: string, workflow: string, input?: unknown) => stage.start(run, workflow, input, { app: 'golden' });
const approve = (stage: Stage, run: string, by: string) => stage.signal(run, 'approved', { by }, `approved by ${by}`);

/** By the name of the file that each is kept in. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  booking: {
    run: 'booking',
    play: async (stage) => {
      await start(stage, 'booking', 'booking', trip);
      await stage.pass('6 days');
    },
  },
  saga: {
    run: 'saga',
    play: async (stage) => {
      stage.jobs['book'] = () => fail('full');
      await start(stage, 'saga', 'saga', trip);
    },
  },
  cancel: {
    run: 'cancel',
    play: async (stage) => {
      await start(stage, 'cancel', 'cancelled', trip);
      await stage.send({ type: 'Pause', run: 'cancel', requestId: 'pause' });
      await stage.send({ type: 'Cancel', run: 'cancel', requestId: 'cancel', reason: 'not wanted any more' });
    },
  },
  race: {
    run: 'race',
    play: async (stage) => {
      stage.jobs['pay'] = () => ({ kind: 'later', timeoutMs: 86_400_000 });
      await start(stage, 'race', 'race');
      await approve(stage, 'race', 'Ada');
    },
  },
  children: {
    run: 'children',
    play: async (stage) => {
      await start(stage, 'children', 'children');
      await approve(stage, 'golden-child', 'Ada');
      const [detached] = await stage.events('children', 'ChildStarted');
      await approve(stage, detached?.run ?? '', 'Grace');
    },
  },
  'continue-as': {
    run: 'continue-as',
    play: async (stage) => {
      stage.jobs['tell'] = () => ({ kind: 'later', timeoutMs: 86_400_000 });
      await approve(stage, 'continue-as', 'early Ada');
      await start(stage, 'continue-as', 'rounds', 1);
      for (const round of ['one', 'two']) await stage.signal('continue-as', 'again', undefined, round);
    },
  },
  retry: {
    run: 'retry',
    play: async (stage) => {
      stage.jobs['book'] = () => fail('full');
      await start(stage, 'retry', 'retried');
      delete stage.jobs['book'];
      await stage.send({ type: 'RetryRun', run: 'retry', requestId: 'retry' });
    },
  },
  schedule: {
    run: 'schedule/golden/hourly',
    play: async (stage) => {
      await stage.pass('130m');
      await stage.signal('schedule/golden/hourly', 'schedule', { kind: 'trigger' }, 'trigger');
      await stage.signal('schedule/golden/hourly', 'schedule', { kind: 'pause' }, 'pause');
      await stage.pass('2h');
    },
  },
};
