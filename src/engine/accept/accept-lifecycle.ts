// Accepts what the engine tells a run: it may be tried, its signals expire, it is to be archived.
import { commit, settled, type Acceptors } from './acceptance.ts';

export const acceptLifecycle: Acceptors<'Wake' | 'Archive'> = {
  Wake: (state, message) => {
    // Of a part of the history that a restore has lost: recorded now, it would be taken for the one that this history is to have.
    if (message.version > state.version) return settled;
    if (message.cause === 'expected' && state.phase === 'expected') return commit({ type: 'SignalsExpired' });
    if (state.phase === 'unknown') return settled;
    return { kind: 'commit', events: [], tries: true };
  },
  Archive: (state, message) => {
    if (state.phase === 'archived') return { kind: 'prune' };
    if (state.closedBy === message.closing) return { kind: 'archive' };
    return state.phase === 'unknown' || message.closing > state.lastNumber ? settled : commit();
  },
};
