// The little language that random workflows are written in: a program is data, and one workflow of the simulated app runs any of them.

/** What a job does when it is run. */
export type JobBehaviour = 'succeed' | 'drag' | 'stumble' | 'refuse' | 'exhaust' | 'delegate';

/** Jobs of the simulated app. */
export type JobName = 'steady' | 'brief' | 'judged' | 'hasty' | 'held' | 'single' | 'undo';

/** What a job is given. */
export interface JobInput {
  /** Names the place in the program. */
  readonly id: string;
  readonly does: JobBehaviour;
  /** Attempts that stumble, or generations that are exhausted. */
  readonly times: number;
}

/** What can be awaited and given up. */
export type Leaf =
  | { readonly op: 'job'; readonly job: JobName; readonly input: JobInput; readonly undo?: string }
  | { readonly op: 'sleep'; readonly ms: number }
  | { readonly op: 'receive'; readonly signal: string; readonly ms?: number }
  | { readonly op: 'child'; readonly program: Program; readonly undo?: string };

/** A piece of a program; its value is JSON. */
export type Piece =
  | Leaf
  | { readonly op: 'sequence' | 'all' | 'settled' | 'any'; readonly pieces: readonly Piece[] }
  | { readonly op: 'race'; readonly pieces: readonly Piece[] }
  /** A race of leaves, of which the losers are given up. */
  | { readonly op: 'first'; readonly pieces: readonly Leaf[] }
  /** Begins a leaf, does something else, gives it up. */
  | { readonly op: 'giveUp'; readonly leaf: Leaf; readonly meanwhile: Piece }
  | { readonly op: 'detached'; readonly program: Program; readonly next: 'forget' | 'await' | 'cancel' }
  | { readonly op: 'try'; readonly body: Piece; readonly rescue?: Piece; readonly last?: Piece }
  | { readonly op: 'throw'; readonly message: string }
  | { readonly op: 'compensate'; readonly id: string }
  | { readonly op: 'status' | 'tag' | 'changed'; readonly id: string }
  | { readonly op: 'uuid' | 'random' | 'now' | 'nothing' };

/** A program: what a run of the simulated workflow is started with. */
export interface Program {
  /** Part of the run ids of children. */
  readonly id: string;
  readonly body: Piece;
  /** Times that the run begins anew with continueAs. */
  readonly rounds: number;
  readonly round: number;
  /** Makes the history too large to be sent whole. */
  readonly padding?: string;
}
