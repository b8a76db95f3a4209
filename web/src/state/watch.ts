// What a future tells while somebody looks at it: its state, its progress, the lines of its log.
import { useEffect, useRef, useState } from 'preact/hooks';
import { signal, type ReadonlySignal } from '@preact/signals';
import { Live, type LiveStatus } from '../api/live';
import type { FutureNews, FutureState, LogLine, Progress, WatchResponse } from '../api/types';

// The last lines that the page keeps.
const kMostLines = 1_000;

export interface Watched {
  state?: FutureState | undefined;
  attempt?: number | undefined;
  progress?: Progress | undefined;
  lines: LogLine[];
  // Lines that there were and are not shown.
  missing: number;
  status: ReadonlySignal<LiveStatus>;
}

type Told = Omit<Watched, 'status'>;

const kNothing: Told = { lines: [], missing: 0 };
const kConnecting: ReadonlySignal<LiveStatus> = signal<LiveStatus>({ state: 'connecting', reason: '' });

// A reconnected stream tells from the start what is kept; lines that are here already are passed over. A future that
// begins its log anew, after a restart of the daemon, replaces it.
function merge(told: Told, news: FutureNews): Told {
  const lines = news.lines ?? [];
  const last = Number(told.lines[told.lines.length - 1]?.number ?? 0);
  const known = Number(news.lastLine ?? 0);
  const kept = known > 0 && known < last ? [] : told.lines;
  const from = kept.length > 0 ? last : 0;
  const fresh = lines.filter((line) => Number(line.number) > from);
  const all = fresh.length > 0 ? [...kept, ...fresh].slice(-kMostLines) : kept;
  return {
    state: news.state ?? told.state,
    attempt: news.attempt ?? told.attempt,
    progress: news.progress ?? told.progress,
    lines: all,
    missing: Math.max(0, Math.max(known, from) - all.length),
  };
}

export function useWatch(id: string): Watched {
  const [told, setTold] = useState<{ id: string; told: Told }>({ id, told: kNothing });
  const [status, setStatus] = useState(kConnecting);
  const pending = useRef<FutureNews[]>([]);
  useEffect(() => {
    let frame = 0;
    pending.current = [];
    setTold({ id, told: kNothing });
    // However many events come, the page changes once a frame.
    const apply = (): void => {
      frame = 0;
      const news = pending.current.splice(0);
      setTold((last) => ({ id, told: news.reduce(merge, last.id === id ? last.told : kNothing) }));
    };
    const live = new Live(
      () => `/v1/futures/${encodeURIComponent(id)}/watch`,
      (event) => {
        if (event.data === '') return event.name === 'done';
        pending.current.push(...((JSON.parse(event.data) as WatchResponse).news ?? []));
        frame ||= requestAnimationFrame(apply);
        return event.name === 'done';
      },
    );
    setStatus(live.status);
    return () => {
      live.stop();
      cancelAnimationFrame(frame);
    };
  }, [id]);
  return { ...(told.id === id ? told.told : kNothing), status };
}
