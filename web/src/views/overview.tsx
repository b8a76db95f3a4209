// Overview: how the daemon does, now and in the last ten minutes.
import { Chart } from '../charts/chart';
import { latency, queued, shownExecutors, throughput, timesOf } from '../charts/lines';
import { exact, bytes, round, seconds, short } from '../parts/format';
import { Empty } from '../parts/empty';
import { figures, history, latest, version } from '../state/figures';
import type { Figures } from '../api/events';
import { ExecutorRows } from './executor_rows';

export function Overview() {
  void version.value;
  const now = figures.value;
  if (!now) return <Empty text="Waiting for the first figures of the daemon." />;
  const executors = shownExecutors(now.executors.map((executor) => executor.name), history);
  const times = timesOf(history);
  return (
    <>
      <h1 class="hidden">Overview</h1>
      <Tiles now={now} />
      <div class="charts">
        <Chart title="Throughput" times={times} lines={throughput(history, executors)} format={perSecond} short={roundPerSecond} />
        <Chart title="Queue depth" times={times} lines={queued(history, executors)} format={short} short={round} />
        <Chart title="Time in the queue" times={times} lines={latency(history, executors, 'queueing')} format={seconds} short={wholeSeconds} logarithmic />
        <Chart title="Time running" times={times} lines={latency(history, executors, 'runningTime')} format={seconds} short={wholeSeconds} logarithmic />
      </div>
      <ExecutorRows executors={now.executors} />
    </>
  );
}

// There is little room beside an axis.
const wholeSeconds = (value: number): string => (value < 60 ? seconds(value) : `${short(value)} s`);

const perSecond = (value: number): string => `${short(value)}/s`;
const roundPerSecond = (value: number): string => `${round(value)}/s`;

function Tiles({ now }: { now: Figures }) {
  const sample = latest();
  const sum = (of: (executor: Figures['executors'][number]) => number): number =>
    now.executors.reduce((total, executor) => total + of(executor), 0);
  const done = (sample?.succeeded ?? 0) + (sample?.failed ?? 0) + (sample?.cancelled ?? 0);
  const oldest = Math.max(0, ...now.executors.map((executor) => executor.oldestPendingSeconds));
  const { counters, gauges } = now;
  return (
    <dl class="tiles">
      <Tile id="done" name="Done" value={perSecond(done)} note={`${short(counters.succeeded)} succeeded`} />
      <Tile id="submitted" name="Submitted" value={perSecond(sample?.submitted ?? 0)} note={`${short(counters.submitted)} in all`} />
      <Tile id="running" name="Running" value={short(sum((of) => of.running))} note={`${exact(sum((of) => of.maxWorkers))} workers`} />
      <Tile id="queued" name="Queued" value={short(sum((of) => of.pending))} note={oldest > 0 ? `oldest ${seconds(oldest)}` : 'nothing waits'} />
      <Tile id="failed" name="Failed" value={short(counters.failed)} note={`${short(counters.cancelled)} cancelled`} bad={counters.failed > 0} />
      <Tile id="clients" name="Sessions" value={short(gauges.sessions)} note={`${short(gauges.waiters)} waiters`} />
      <Tile id="kept" name="Kept" value={short(gauges.retained)} note={`${bytes(gauges.retainedBytes + gauges.unfinishedBytes)} of data`} />
      <Tile id="memory" name="Memory" value={bytes(gauges.residentBytes)} note={`${short(counters.refused)} refused`} />
    </dl>
  );
}

function Tile({ id, name, value, note, bad }: { id: string; name: string; value: string; note: string; bad?: boolean }) {
  return (
    <div class="tile panel" data-tile={id}>
      <dt>{name}</dt>
      <dd class={bad ? 'figure bad' : 'figure'}>{value}</dd>
      <dd class="note">{note}</dd>
    </div>
  );
}
