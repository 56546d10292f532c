// Asks again until something holds, for as long as a busy machine may take.

const PAUSE_MS = 250;

/** Resolves once it holds. @throws Error when it does not in time */
export const waitFor = async (what: string, holds: () => Promise<boolean> | boolean, timeoutMs: number): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`It did not come about within ${timeoutMs} ms: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
};
