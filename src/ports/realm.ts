// The port to a realm, where workflow code is evaluated apart from everything else (over node:vm), and what the bundle leaves in it.

/** What workflow code needs from outside its realm; only texts and numbers cross. */
export interface RealmHost {
  /**
   * The next occurrence of a calendar rule.
   *
   * @param rule - a CalendarRule as JSON
   * @param after - milliseconds since the epoch
   * @returns milliseconds since the epoch as text, or `!` and why the rule cannot be used
   */
  findNextOccurrence(rule: string, after: number): string;
}

/** What a workflow bundle leaves in its realm: the replay of its runs. Only texts and numbers cross. */
export interface WorkflowRuntime {
  /**
   * Takes up a run, or goes on with a live one.
   *
   * @param input - a DecisionInput as JSON
   * @returns how many events are to be delivered; -1 when `base` names a live run that is not here
   */
  open(input: string): number;
  /** Delivers the next event to the workflow code; called inside a step. */
  deliver(): void;
  /** Ends the decision. @returns a RunDecision as JSON */
  close(): string;
  /** Forgets the run that is open, after a step was cut off or failed. */
  abandon(): void;
}

/** A place where workflow code is evaluated, apart from everything else. */
export interface Realm {
  /** Evaluates a workflow bundle, once. */
  evaluate(source: string, host: RealmHost): WorkflowRuntime;
  /** Calls `fn` and returns when all microtasks that it caused are done. */
  step(fn: () => void): void;
  /**
   * Calls `fn` and cuts it off after `limitMs`; a realm that was cut off is spent.
   *
   * @throws DECISION_TIMED_OUT
   */
  limit<T>(fn: () => T, limitMs: number): T;
}
