// The worker processes and the functions of an executor.
import type { Executor } from '../api/types';
import { exact, numberOf, seconds, timeOf } from '../parts/format';

export function Workers({ executor }: { executor: Executor }) {
  const workers = executor.workers ?? [];
  if (workers.length === 0) return null;
  return (
    <details open={workers.length <= 16}>
      <summary>{workers.length} worker processes</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Worker</th>
              <th scope="col">State</th>
              <th scope="col" class="number">Process</th>
              <th scope="col" class="number">Tasks</th>
              <th scope="col" class="number">Age</th>
            </tr>
          </thead>
          <tbody>
            {workers.map((worker) => (
              <tr key={worker.name}>
                <th scope="row">{worker.name}</th>
                <td>{(worker.state ?? '').replace('WORKER_STATE_', '').toLowerCase()}</td>
                <td class="number">{worker.pid}</td>
                <td class="number">{exact(numberOf(worker.tasks))}</td>
                <td class="number">{seconds(Math.max(0, Math.floor((Date.now() - timeOf(worker.startTime)) / 1000)))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

export function Functions({ executor }: { executor: Executor }) {
  const functions = executor.functions ?? [];
  if (functions.length === 0) return null;
  return (
    <details>
      <summary>{functions.length} functions</summary>
      <ul class="signatures">
        {functions.map((one) => (
          <li key={one.name}>
            <a href={`#/futures?function=${encodeURIComponent(one.name)}`} class="name">
              {one.name}
            </a>{' '}
            <code>{one.signature}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}
