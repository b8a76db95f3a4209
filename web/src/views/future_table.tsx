// A page of futures.
import type { Future } from '../api/types';
import { Badge } from '../parts/badge';
import { Labels } from '../parts/labels';
import { ago, between, clock, dateAndClock, isFinal, timeOf } from '../parts/format';
import { Meter } from '../parts/meter';
import { futurePath } from '../state/route';

export function FutureTable({ futures }: { futures: Future[] }) {
  const now = Date.now();
  return (
    <div class="panel scroll">
      <table class="futures">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Function</th>
            <th scope="col">Executor</th>
            <th scope="col">Submitted</th>
            <th scope="col" class="number">Queued</th>
            <th scope="col" class="number">Ran</th>
            <th scope="col">Labels, progress, error</th>
            <th scope="col">ID</th>
          </tr>
        </thead>
        <tbody>
          {futures.map((future) => (
            <Row key={future.id} future={future} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ future, now }: { future: Future; now: number }) {
  const path = `#${futurePath(future.id)}`;
  const submitted = timeOf(future.submitTime);
  const started = timeOf(future.startTime);
  const finished = isFinal(future.state) ? timeOf(future.finishTime) : now;
  return (
    <tr>
      <td>
        <Badge state={future.state} />
      </td>
      <td>
        <a href={path} class="name">
          {future.function ?? '–'}
        </a>
      </td>
      <td>{future.executor}</td>
      <td title={dateAndClock(future.submitTime)}>
        {clock(future.submitTime)} <span class="note">{ago(future.submitTime, now)}</span>
      </td>
      <td class="number">{between((Number.isNaN(started) ? finished : started) - submitted)}</td>
      <td class="number">{between(finished - started)}</td>
      <td class="about">
        <About future={future} />
      </td>
      <td>
        <a href={path} class="id" aria-label={`Future ${future.id}`}>
          {future.id.slice(-17)}
        </a>
      </td>
    </tr>
  );
}

function About({ future }: { future: Future }) {
  const error = future.lastError;
  return (
    <>
      {future.state === 'FUTURE_STATE_RUNNING' && future.progress && (
        <Meter share={future.progress.fraction ?? 0} name="Progress" kind="progress" />
      )}
      <Labels labels={future.labels} />
      {error && future.state !== 'FUTURE_STATE_SUCCEEDED' && (
        <span class="error">
          {error.type}: {error.message}
        </span>
      )}
    </>
  );
}
