// Makes random programs: calm ones, whose outcome depends on their input alone, and wild ones with races, timers, signals and failures.
import type { Random } from '../clockwork/random.ts';
import type { JobBehaviour, JobInput, JobName, Leaf, Piece, Program } from './program.ts';

/** What a program may be made of. */
interface Making {
  readonly random: Random;
  /** Its outcome depends on its input alone. */
  readonly calm: boolean;
  /** Longest sleep in milliseconds. */
  readonly longestSleepMs: number;
  /** Pieces that are left to make. */
  left: number;
  names: number;
  depth: number;
}

const SIGNALS = ['red', 'green', 'blue'] as const;
/** Above the 32 KB up to which histories are sent whole. */
const PADDING = 'x'.repeat(34_000);

const name = (making: Making, kind: string): string => `${kind}${making.names++}`;

const makeJobInput = (making: Making, does: JobBehaviour): JobInput => ({
  id: name(making, 'j'),
  does,
  times: does === 'stumble' ? making.random.int(1, 3) : 1,
});

const makeJob = (making: Making): Leaf => {
  const { random, calm } = making;
  const undo = random.chance(0.3) ? { undo: name(making, 'u') } : {};
  if (calm) return { op: 'job', job: 'steady', input: makeJobInput(making, random.pick(['succeed', 'succeed', 'stumble'])), ...undo };
  const job = random.weigh<JobName>([
    [3, 'steady'],
    [3, 'brief'],
    [1, 'judged'],
    [1, 'hasty'],
    [1, 'held'],
    [1, 'single'],
  ]);
  const does = random.weigh<JobBehaviour>([
    [6, 'succeed'],
    [2, 'drag'],
    [2, 'stumble'],
    [1, 'refuse'],
    [job === 'steady' ? 0 : 1, 'exhaust'],
    [job === 'steady' ? 0 : 0.5, 'delegate'],
  ]);
  return { op: 'job', job, input: makeJobInput(making, does), ...undo };
};

const drawSleep = ({ random, longestSleepMs }: Making): number =>
  Math.min(
    longestSleepMs,
    random.pick([random.int(0, 2000), random.int(0, 60_000), random.int(0, 900_000), random.int(0, longestSleepMs)]),
  );

const makeReceive = (making: Making): Leaf => {
  const { random } = making;
  return { op: 'receive', signal: random.pick(SIGNALS), ...(random.chance(0.6) && { ms: drawSleep(making) }) };
};

const makeChild = (making: Making): Program => {
  making.depth += 1;
  const program = { id: name(making, 'c'), body: makePiece(making), rounds: making.random.chance(0.1) ? 2 : 1, round: 0 };
  making.depth -= 1;
  return program;
};

const makeLeaf = (making: Making): Leaf => {
  const { random, calm, depth } = making;
  making.left -= 1;
  return random.weigh<() => Leaf>([
    [6, () => makeJob(making)],
    [2, () => ({ op: 'sleep', ms: drawSleep(making) })],
    [calm ? 0 : 2, () => makeReceive(making)],
    [depth < 3 ? 1.5 : 0, () => ({ op: 'child', program: makeChild(making), ...(random.chance(0.2) && { undo: name(making, 'u') }) })],
  ])();
};

const makeMany = (making: Making, least: number, most: number): Piece[] =>
  Array.from({ length: making.random.int(least, most) }, () => makePiece(making));

const makeLeaves = (making: Making): Leaf[] => Array.from({ length: making.random.int(2, 3) }, () => makeLeaf(making));

const makeTry = (making: Making): Piece => {
  const { random, calm } = making;
  const bang: Piece = { op: 'sequence', pieces: [makePiece(making), { op: 'throw', message: name(making, 'bang') }] };
  const body: Piece = random.chance(0.4) ? bang : makePiece(making);
  // A calm program catches what it throws.
  const rescue = calm || random.chance(0.7) ? { rescue: makePiece(making) } : {};
  return { op: 'try', body, ...rescue, ...(random.chance(0.4) && { last: makePiece(making) }) };
};

const makeSaying = (making: Making): Piece => {
  const { random, calm } = making;
  const op = random.pick(['status', 'tag', 'changed', 'uuid', 'random', 'now', 'compensate'] as const);
  if (op === 'status' || op === 'tag' || op === 'changed' || op === 'compensate') return { op, id: name(making, 'x') };
  return calm ? { op: 'nothing' } : { op };
};

/** The program goes on being made one level down. */
const deeper = (making: Making, make: (making: Making) => Piece): Piece => {
  making.depth += 1;
  const piece = make(making);
  making.depth -= 1;
  return piece;
};

const makePiece = (making: Making): Piece => {
  const { random, calm, left, depth } = making;
  if (left <= 0) return { op: 'nothing' };
  const wild = calm ? 0 : 1;
  const branching = depth < 4 ? 1 : 0;
  return random.weigh<() => Piece>([
    [4, () => makeLeaf(making)],
    [1, () => makeSaying(making)],
    [2 * branching, () => deeper(making, (one) => ({ op: 'sequence', pieces: makeMany(one, 2, 4) }))],
    [2 * branching, () => deeper(making, (one) => ({ op: 'all', pieces: makeMany(one, 2, 4) }))],
    [branching, () => deeper(making, (one) => ({ op: 'settled', pieces: makeMany(one, 2, 3) }))],
    [branching, () => deeper(making, makeTry)],
    [wild * branching, () => deeper(making, (one) => ({ op: 'any', pieces: makeMany(one, 2, 3) }))],
    [wild * branching, () => deeper(making, (one) => ({ op: 'race', pieces: makeMany(one, 2, 3) }))],
    [wild * 1.5, () => ({ op: 'first', pieces: makeLeaves(making) })],
    [wild, () => ({ op: 'giveUp', leaf: makeLeaf(making), meanwhile: makePiece(making) })],
    [depth < 3 ? 0.7 * wild : 0, () => ({ op: 'detached', program: makeChild(making), next: random.pick(['forget', 'await', 'cancel']) })],
  ])();
};

/** What all programs of a seed have in common. */
export interface ProgramOptions {
  readonly longestSleepMs: number;
  /** Most are too large to be sent whole. */
  readonly heavy: boolean;
}

/** Makes a program. */
export const makeProgram = (random: Random, calm: boolean, { longestSleepMs, heavy }: ProgramOptions): Program => {
  const making: Making = { random, calm, longestSleepMs, left: random.int(2, 8), names: 0, depth: 0 };
  const pieces = makeMany(making, 1, 3);
  const fails = random.chance(0.2);
  const body: Piece = { op: 'sequence', pieces: fails ? [...pieces, { op: 'throw', message: 'the end is bad' }] : pieces };
  return {
    id: 'p',
    body,
    rounds: random.chance(0.2) ? random.int(2, 3) : 1,
    round: 0,
    ...(random.chance(heavy ? 0.8 : 0.25) && { padding: PADDING }),
  };
};
