type Listener = (reason: unknown) => void;

const waiting = new WeakMap<AbortSignal, { listeners: Set<Listener>; onAbort: () => void }>();

/**
 * Calls `listener` with the reason once a signal aborts; what it returns stops that. A signal compares each listener with
 * all that it has, which thousands of waiting requests would feel; here it has one for all of them.
 */
export function onAborted(signal: AbortSignal, listener: Listener): () => void {
  const { listeners, onAbort } = waiting.get(signal) ?? begin(signal);
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    signal.removeEventListener('abort', onAbort);
    waiting.delete(signal);
  };
}

function begin(signal: AbortSignal) {
  const listeners = new Set<Listener>();
  const onAbort = () => {
    for (const listener of listeners) listener(signal.reason);
  };
  const entry = { listeners, onAbort };
  signal.addEventListener('abort', onAbort);
  waiting.set(signal, entry);
  return entry;
}
