// Somebody's own function, which fails in the way that its request asks for: in the ways of any handler, and in those of other runtimes.
import { handler as misbehave } from './misbehave.ts';

/** As a runtime of another language may: its answer is whatever it writes. */
const answerText = async (requestId: string): Promise<never> => {
  const url = `http://${process.env['AWS_LAMBDA_RUNTIME_API'] ?? ''}/2018-06-01/runtime/invocation/${requestId}/response`;
  await fetch(url, { method: 'POST', body: 'Guten Tag' });
  process.exit(0);
};

/** Sooner than by small pieces. */
const takeAllMemory = (): never => {
  let kept = [0.5];
  for (;;) kept = kept.concat(kept);
};

export const handler = (request: unknown, { awsRequestId }: { readonly awsRequestId: string }): Promise<unknown> => {
  if (request === 'answerText') return answerText(awsRequestId);
  if (request === 'takeAllMemory') return takeAllMemory();
  // More than Lambda lets through.
  return request === 'answerTooMuch' ? Promise.resolve('x'.repeat(7_000_000)) : misbehave(request);
};
