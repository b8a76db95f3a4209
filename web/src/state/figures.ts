// The daemon's figures: the last event of /v1/events, and what the charts show of those before.
import { signal } from '@preact/signals';
import type { ExecutorFigures, Figures, Quantiles } from '../api/events';
import { Live } from '../api/live';
import type { SentEvent } from '../api/sse';

// Ten minutes, as there is an event each second.
const kSamples = 600;

export interface ExecutorSample {
  // Tasks that ended, each second.
  rate: number;
  pending: number;
  running: number;
  queueing: Quantiles | null;
  runningTime: Quantiles | null;
}

export interface Sample {
  // Seconds since 1970.
  time: number;
  submitted: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  executors: Map<string, ExecutorSample>;
}

export const figures = signal<Figures | null>(null);
// Oldest first. Replaced at each event, by the same array: `version` tells that it changed.
export const history: Sample[] = [];
export const version = signal(0);

const ended = (executor: ExecutorFigures): number => executor.succeeded + executor.failed + executor.cancelled;

function executorSample(now: ExecutorFigures, before: ExecutorFigures | undefined, seconds: number): ExecutorSample {
  return {
    rate: before ? Math.max(0, (ended(now) - ended(before)) / seconds) : 0,
    pending: now.pending,
    running: now.running,
    queueing: now.latency?.queueing ?? null,
    runningTime: now.latency?.running ?? null,
  };
}

// Nothing: the first one, or the daemon began anew.
function sampleOf(now: Figures, before: Figures | null): Sample | null {
  if (!before || now.counters.submitted < before.counters.submitted) return null;
  const time = Date.parse(now.time) / 1000;
  const seconds = time - Date.parse(before.time) / 1000;
  if (!(seconds > 0)) return null;
  const rate = (of: (figures: Figures) => number): number => Math.max(0, (of(now) - of(before)) / seconds);
  const earlier = new Map(before.executors.map((executor) => [executor.name, executor]));
  return {
    time,
    submitted: rate((of) => of.counters.submitted),
    succeeded: rate((of) => of.counters.succeeded),
    failed: rate((of) => of.counters.failed),
    cancelled: rate((of) => of.counters.cancelled),
    executors: new Map(
      now.executors.map((executor) => [executor.name, executorSample(executor, earlier.get(executor.name), seconds)]),
    ),
  };
}

function take(event: SentEvent): void {
  if (event.name !== 'figures') return;
  const now = JSON.parse(event.data) as Figures;
  const sample = sampleOf(now, figures.peek());
  if (sample) {
    history.push(sample);
    if (history.length > kSamples) history.splice(0, history.length - kSamples);
  }
  figures.value = now;
  version.value += 1;
}

export const latest = (): Sample | undefined => history[history.length - 1];

// One stream for the whole page, from its start to its end.
export const figuresStream = new Live(() => '/v1/events?interval=1', take);
