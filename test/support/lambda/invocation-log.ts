// What the stand-in for Lambda knows of every invocation, to compare a ledger with.

/** One invocation. */
export interface LoggedInvocation {
  readonly requestId: string;
  /** As it was asked for, with its alias. */
  readonly functionName: string;
  /** `refused` did not begin; `running` has not ended. */
  readonly outcome: 'answered' | 'failed' | 'refused' | 'running';
  /** Whether the answer went out whole; not so when whoever asked was gone. */
  readonly delivered: boolean;
}

/** A log of invocations. */
export interface InvocationLog {
  begin(requestId: string, functionName: string): void;
  note(requestId: string, change: Partial<Pick<LoggedInvocation, 'outcome' | 'delivered'>>): void;
  /** All invocations in the order in which they began. */
  list(): readonly LoggedInvocation[];
}

/** Opens an empty log. */
export const openInvocationLog = (): InvocationLog => {
  const invocations = new Map<string, LoggedInvocation>();
  return {
    begin: (requestId, functionName) => void invocations.set(requestId, { requestId, functionName, outcome: 'running', delivered: false }),
    note: (requestId, change) => {
      const known = invocations.get(requestId);
      if (known !== undefined) invocations.set(requestId, { ...known, ...change });
    },
    list: () => [...invocations.values()],
  };
};
