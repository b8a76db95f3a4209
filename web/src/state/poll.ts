// Asks again and again while somebody looks, and not more often than the daemon bears.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { CallError, messageOf } from '../api/http';
import { loginNeeded } from './session';

const kEvery = 2_000;
// A call that took one second is followed by so many without one.
const kRest = 8;

export interface Polled<T> {
  value: T | undefined;
  // Why the last call failed; empty: it did not.
  error: string;
  again: () => void;
}

// `ask` is called anew when `key` changes, and every two seconds while `live`.
export function usePoll<T>(key: string, live: boolean, ask: (signal: AbortSignal) => Promise<T>): Polled<T> {
  const [state, setState] = useState<{ key: string; value: T | undefined; error: string }>({ key, value: undefined, error: '' });
  const [round, setRound] = useState(0);
  const asked = useRef(ask);
  asked.current = ask;
  const locked = loginNeeded.value;

  useEffect(() => {
    if (locked) return undefined;
    const abort = new AbortController();
    let timer = 0;
    const once = async (): Promise<void> => {
      const begun = performance.now();
      if (!document.hidden) {
        try {
          const value = await asked.current(abort.signal);
          if (!abort.signal.aborted) setState({ key, value, error: '' });
        } catch (error) {
          if (abort.signal.aborted) return;
          setState((last) => ({ key, value: last.key === key && !(error instanceof CallError) ? last.value : undefined, error: messageOf(error) }));
        }
      }
      if (live && !abort.signal.aborted) {
        timer = window.setTimeout(() => void once(), Math.max(kEvery, (performance.now() - begun) * kRest));
      }
    };
    void once();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [key, live, round, locked]);

  const again = useCallback(() => setRound((last) => last + 1), []);
  return { value: state.value, error: state.error, again };
}
