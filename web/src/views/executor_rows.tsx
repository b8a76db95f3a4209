// The executors of the overview, a row each, live.
import { Badge } from '../parts/badge';
import { exact, seconds, short } from '../parts/format';
import { Meter } from '../parts/meter';
import { latest } from '../state/figures';
import type { ExecutorFigures } from '../api/events';

export function ExecutorRows({ executors }: { executors: ExecutorFigures[] }) {
  return (
    <section class="panel" aria-labelledby="executor-rows">
      <h2 id="executor-rows">Executors</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">State</th>
              <th scope="col">Workers</th>
              <th scope="col" class="number">Queued</th>
              <th scope="col" class="number">Done</th>
              <th scope="col" class="number">In queue p50 / p99</th>
              <th scope="col" class="number">Running p50 / p99</th>
              <th scope="col" class="number">Succeeded</th>
              <th scope="col" class="number">Failed</th>
              <th scope="col" class="number">Cancelled</th>
            </tr>
          </thead>
          <tbody>
            {executors.map((executor) => (
              <Row key={executor.name} executor={executor} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ executor }: { executor: ExecutorFigures }) {
  const rate = latest()?.executors.get(executor.name)?.rate ?? 0;
  return (
    <tr>
      <th scope="row">
        <a href="#/executors">{executor.name}</a> <span class="note">{executor.kind}</span>
      </th>
      <td>
        <Badge state={executor.state} />
      </td>
      <td class="workers">
        <Meter share={executor.maxWorkers > 0 ? executor.running / executor.maxWorkers : 0} name={`Workers of ${executor.name} that are busy`} />
        <span>{workersText(executor)}</span>
      </td>
      <td class="number">{short(executor.pending)}</td>
      <td class="number">{short(rate)}/s</td>
      <td class="number">{quantiles(executor.latency?.queueing)}</td>
      <td class="number">{quantiles(executor.latency?.running)}</td>
      <td class="number">{exact(executor.succeeded)}</td>
      <td class={executor.failed > 0 ? 'number bad' : 'number'} title={faults(executor)}>{exact(executor.failed)}</td>
      <td class="number">{exact(executor.cancelled)}</td>
    </tr>
  );
}

const quantiles = (of: { p50: number; p99: number } | undefined): string =>
  of ? `${seconds(of.p50)} / ${seconds(of.p99)}` : '–';

const faults = (executor: ExecutorFigures): string =>
  Object.entries(executor.failures ?? {})
    .filter(([, count]) => count > 0)
    .map(([origin, count]) => `${origin}: ${exact(count)}`)
    .join(', ');

function workersText(executor: ExecutorFigures): string {
  // Coroutines run as well, and hold no worker.
  const busy = `${executor.running} running, ${executor.maxWorkers} workers`;
  return executor.workers && executor.workers.lost > 0 ? `${busy}, ${executor.workers.lost} lost` : busy;
}
