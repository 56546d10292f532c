// Runs a program through the author's own API: this is the workflow code of the simulated app.
import type { ChildHandle, Flow, Job, Signal, Task, Workflow } from 'starquake';
import type { JobInput, JobName, Leaf, Piece, Program } from './program.ts';

/** What programs are run with. */
export interface Tools {
  readonly flow: Flow<Program>;
  readonly jobs: Readonly<Record<JobName, Job<JobInput, string>>>;
  readonly workflow: Workflow<Program, unknown>;
  readonly signal: (name: string) => Signal<unknown>;
  readonly round: number;
}

const readText = (error: object, field: string): string => String(Reflect.get(error, field));

/** An error as a value of the program. */
const describe = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return String(error);
  return 'code' in error ? readText(error, 'code') : readText(error, 'message');
};

/** The run id of a child: another one each time that the run begins anew. */
const nameChild = ({ flow, round }: Tools, { id }: Program): string => `${flow.runId}/${id}.${round}`;

/** Begins what can be given up. */
const begin = (tools: Tools, leaf: Leaf): Task<unknown> => {
  const { flow, jobs, workflow, signal } = tools;
  switch (leaf.op) {
    case 'job': {
      const { undo } = leaf;
      return flow.run(
        jobs[leaf.job],
        leaf.input,
        undo === undefined ? {} : { compensate: () => flow.run(jobs.undo, { id: undo, does: 'succeed', times: 0 }) },
      );
    }
    case 'sleep':
      return flow.sleep(leaf.ms);
    case 'receive':
      return leaf.ms === undefined ? flow.receive(signal(leaf.signal)) : flow.receive(signal(leaf.signal), { timeout: leaf.ms });
    case 'child': {
      const { program, undo } = leaf;
      const options = undo === undefined ? {} : { compensate: () => flow.run(jobs.undo, { id: undo, does: 'succeed', times: 0 }) };
      return flow.run(workflow, program, { ...options, runId: nameChild(tools, program) });
    }
  }
};

const runDetached = async (tools: Tools, program: Program, next: 'forget' | 'await' | 'cancel'): Promise<unknown> => {
  const { flow, workflow } = tools;
  const handle: ChildHandle<unknown> = flow.start(workflow, program, { runId: nameChild(tools, program) });
  if (next === 'cancel') handle.cancel();
  return next === 'await' ? handle.result() : handle.runId;
};

const runFirst = async (tools: Tools, pieces: readonly Leaf[]): Promise<unknown> => {
  const tasks = pieces.map((leaf) => begin(tools, leaf));
  try {
    return await Promise.race(tasks);
  } finally {
    for (const task of tasks) task.cancel();
  }
};

const giveUp = async (tools: Tools, leaf: Leaf, meanwhile: Piece): Promise<unknown> => {
  const task = begin(tools, leaf);
  const value = await run(tools, meanwhile);
  task.cancel();
  try {
    return [value, await task];
  } catch (error) {
    return [value, describe(error)];
  }
};

const runTry = async (tools: Tools, { body, rescue, last }: Extract<Piece, { op: 'try' }>): Promise<unknown> => {
  try {
    return await run(tools, body);
  } catch (error) {
    if (rescue === undefined) throw error;
    return { caught: describe(error), after: await run(tools, rescue) };
  } finally {
    if (last !== undefined) await run(tools, last);
  }
};

const runSequence = async (tools: Tools, pieces: readonly Piece[]): Promise<unknown> => {
  const values: unknown[] = [];
  for (const piece of pieces) values.push(await run(tools, piece));
  return values;
};

const runSettled = async (tools: Tools, pieces: readonly Piece[]): Promise<unknown> => {
  const settled = await Promise.allSettled(pieces.map((piece) => run(tools, piece)));
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : { failed: describe(one.reason) }));
};

const run = async (tools: Tools, piece: Piece): Promise<unknown> => {
  const { flow, jobs } = tools;
  switch (piece.op) {
    case 'job':
    case 'sleep':
    case 'receive':
    case 'child':
      return (await begin(tools, piece)) ?? null;
    case 'sequence':
      return runSequence(tools, piece.pieces);
    case 'all':
      return Promise.all(piece.pieces.map((each) => run(tools, each)));
    case 'settled':
      return runSettled(tools, piece.pieces);
    case 'any':
      return Promise.any(piece.pieces.map((each) => run(tools, each)));
    case 'race':
      return Promise.race(piece.pieces.map((each) => run(tools, each)));
    case 'first':
      return (await runFirst(tools, piece.pieces)) ?? null;
    case 'giveUp':
      return giveUp(tools, piece.leaf, piece.meanwhile);
    case 'detached':
      return runDetached(tools, piece.program, piece.next);
    case 'try':
      return runTry(tools, piece);
    case 'throw':
      throw new Error(piece.message);
    case 'compensate':
      return flow.compensate(() => flow.run(jobs.undo, { id: piece.id, does: 'succeed', times: 0 })) ?? null;
    case 'status':
      return flow.status({ at: piece.id }) ?? null;
    case 'tag':
      return flow.tag({ [piece.id]: 'yes' }) ?? null;
    case 'changed':
      return flow.changed(piece.id);
    case 'uuid':
      return flow.uuid();
    case 'random':
      return flow.random();
    case 'now':
      return flow.now();
    case 'nothing':
      return null;
  }
};

/** Runs a program: its body, and that again as often as it has rounds. */
export const interpret = async (tools: Omit<Tools, 'round'>, program: Program): Promise<unknown> => {
  const value = await run({ ...tools, round: program.round }, program.body);
  if (program.round + 1 < program.rounds) return tools.flow.continueAs({ ...program, round: program.round + 1 });
  return { round: program.round, value };
};
