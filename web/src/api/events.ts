// The data of /v1/events and /v1/tasks. Plain JSON of the daemon's HTTP side: numbers are numbers. Seconds, unless a name
// says otherwise.
import type { ExecutorState } from './types';

export interface Quantiles {
  p50: number;
  p90: number;
  p99: number;
}

export interface ExecutorFigures {
  name: string;
  kind: string;
  state: ExecutorState;
  maxWorkers: number;
  pending: number;
  delayed: number;
  oldestPendingSeconds: number;
  running: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  retried: number;
  // Failed ones, by whose fault it was.
  failures?: Record<string, number>;
  // Of worker processes; absent for threads.
  workers?: { starting: number; idle: number; busy: number; ending: number; started: number; lost: number };
  // Of tasks that ended since the last event; absent where none did.
  latency?: { queueing?: Quantiles; running?: Quantiles };
}

export interface Figures {
  time: string;
  version?: string;
  uptimeSeconds?: number;
  executors: ExecutorFigures[];
  counters: {
    submitted: number;
    succeeded: number;
    failed: number;
    cancelled: number;
    retried: number;
    expired: number;
    refused: number;
  };
  gauges: {
    unfinished: number;
    unfinishedBytes: number;
    retained: number;
    retainedBytes: number;
    sessions: number;
    streams?: number;
    waiters: number;
    connections: number;
    residentBytes: number;
    draining: boolean;
  };
}

// Times are milliseconds since 1970, with fractions.
export interface TaskBar {
  id: string;
  function: string;
  executor: string;
  // Its index in the executor; nothing: a coroutine, which holds none.
  worker: number | null;
  started: number;
  ended: number | null;
  outcome: 'succeeded' | 'failed' | 'cancelled' | null;
}

export interface TaskEvent {
  now: number;
  // Tasks that ended since the last event, shown or not.
  seen: number;
  executors: { name: string; kind: string; workers: number }[];
  tasks: TaskBar[];
}
