// Keeps rejected promises of workflow code, which the next event may well handle, from ending the process that decides.

const ours = Symbol.for('starquake.ignoreRealmRejections');

type Listener = NodeJS.UnhandledRejectionListener & { [ours]?: true };

/**
 * Lets unhandled rejections of promises made in a realm pass in silence; those of this realm are handled as before.
 *
 * A promise of this realm has this realm's `Promise.prototype` on its chain, and code in a realm cannot get hold of that object
 * (only primitives cross): so what lacks it was made in a realm. Listeners that were there before see only what is theirs; without
 * any, a rejection of this realm ends the process, as Node has it. Calling it twice changes nothing.
 *
 * @example
 * ignoreRealmRejections();
 */
export const ignoreRealmRejections = (): void => {
  const before: readonly Listener[] = process.listeners('unhandledRejection');
  if (before.some((listener) => listener[ours])) return;
  const listen: Listener = (reason, promise) => {
    if (!(promise instanceof Promise)) return;
    if (before.length === 0 && process.listenerCount('unhandledRejection') === 1) throw reason;
    for (const listener of before) listener(reason, promise);
  };
  listen[ours] = true;
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', listen);
  process.on('rejectionHandled', (promise) => {
    if (promise instanceof Promise) process.emitWarning('A promise rejection was handled late.', 'PromiseRejectionHandledWarning');
  });
};
