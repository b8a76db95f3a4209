// What the charts of the overview show of the history.
import type { Line } from './chart';
import type { ExecutorSample, Sample } from '../state/figures';

const kColours = 8;
// More lines than this are no chart any more: the busiest executors are shown.
const kMostExecutors = 6;

export const timesOf = (history: Sample[]): number[] => history.map((sample) => sample.time);

export const executorColour = (index: number): string => `line-${index % kColours}`;

export interface Shown {
  name: string;
  colour: string;
}

// The executors that have lines, in the daemon's order, with colours that stay theirs.
export function shownExecutors(names: string[], history: Sample[]): Shown[] {
  const all = names.map((name, index) => ({ name, colour: executorColour(index) }));
  if (all.length <= kMostExecutors) return all;
  const last = history[history.length - 1];
  const busy = (shown: Shown): number => last?.executors.get(shown.name)?.rate ?? 0;
  const kept = new Set([...all].sort((a, b) => busy(b) - busy(a)).slice(0, kMostExecutors));
  return all.filter((shown) => kept.has(shown));
}

function line(shown: Shown, name: string, history: Sample[], of: (sample: ExecutorSample) => number | undefined): Line {
  return {
    name,
    colour: shown.colour,
    values: history.map((sample) => {
      const executor = sample.executors.get(shown.name);
      return (executor && of(executor)) ?? null;
    }),
  };
}

export function throughput(history: Sample[], executors: Shown[]): Line[] {
  const failed = history.map((sample) => sample.failed);
  return [
    ...executors.map((shown) => ({ ...line(shown, shown.name, history, (of) => of.rate), filled: true })),
    { name: 'failed', colour: 'bad', values: failed },
  ];
}

export const queued = (history: Sample[], executors: Shown[]): Line[] =>
  executors.map((shown) => ({ ...line(shown, shown.name, history, (of) => of.pending), filled: true }));

export function latency(history: Sample[], executors: Shown[], of: 'queueing' | 'runningTime'): Line[] {
  const several = executors.length > 1;
  return executors.flatMap((shown) => [
    line(shown, several ? `${shown.name} p99` : 'p99', history, (sample) => sample[of]?.p99),
    { ...line(shown, several ? `${shown.name} p50` : 'p50', history, (sample) => sample[of]?.p50), dashed: true },
  ]);
}
