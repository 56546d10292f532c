// The script of a worker thread: loads functions from their files and answers calls, as a Lambda sandbox does.
import { parentPort } from 'node:worker_threads';
import type { ToWorker, WorkerAnswer } from './worker-messages.ts';

type Handler = (request: unknown, context: { readonly guarded: true }) => Promise<unknown>;

interface Loaded {
  readonly handler: Handler;
  readonly initMs: number;
}

/** The pool ends this thread when a call takes too long. */
const guarded = { guarded: true } as const;

const urls = new Map<number, string>();
const loads = new Map<number, Promise<Loaded>>();
const loaded = new Map<number, Handler>();
let answers: WorkerAnswer[] = [];

const load = async (fn: number): Promise<Loaded> => {
  const started = performance.now();
  const { handler } = (await import(urls.get(fn) ?? '')) as { readonly handler?: Handler };
  if (handler === undefined) throw new Error(`${urls.get(fn)} exports no handler.`);
  loaded.set(fn, handler);
  return { handler, initMs: performance.now() - started };
};

/** The first call of a function waits for it and counts as its cold start; calls meanwhile only wait. */
const answerCold = async (call: number, fn: number, request: string): Promise<void> => {
  const first = !loads.has(fn);
  const loading = loads.get(fn) ?? load(fn);
  loads.set(fn, loading);
  try {
    const { handler, initMs } = await loading;
    await answer(call, handler, request, first ? initMs : undefined);
  } catch (error) {
    loads.delete(fn);
    push({ call, text: describe(error), failed: true, durationMs: 0, initMs: undefined });
  }
};

const answer = async (call: number, handler: Handler, request: string, initMs: number | undefined): Promise<void> => {
  const started = performance.now();
  let failed = false;
  let text: string;
  try {
    text = JSON.stringify(await handler(JSON.parse(request), guarded)) ?? 'null';
  } catch (error) {
    failed = true;
    text = describe(error);
  }
  push({ call, text, failed, durationMs: performance.now() - started, initMs });
};

const push = (result: WorkerAnswer): void => {
  if (answers.length === 0) setImmediate(flush);
  answers.push(result);
};

const flush = (): void => {
  const ready = answers;
  answers = [];
  parentPort?.postMessage({ answers: ready });
};

const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return JSON.stringify({ code: 'FUNCTION_CRASHED', name: 'Error', message: String(error) });
  const code: unknown = Reflect.get(error, 'code');
  return JSON.stringify({
    code: typeof code === 'string' ? code : 'FUNCTION_CRASHED',
    name: error.name,
    message: error.message,
    stack: error.stack,
  });
};

parentPort?.on('message', ({ functions, calls, ping }: ToWorker) => {
  for (const [fn, url] of functions) urls.set(fn, url);
  for (let at = 0; at < calls.length; at += 3) {
    const [call, fn, request] = [Number(calls[at]), Number(calls[at + 1]), String(calls[at + 2])];
    const handler = loaded.get(fn);
    void (handler === undefined ? answerCold(call, fn, request) : answer(call, handler, request, undefined));
  }
  if (ping) parentPort?.postMessage({ answers: [] });
});
