// A future's times, attempts and options.
import type { ComponentChildren } from 'preact';
import type { Future } from '../api/types';
import { between, bytes, dateAndClock, isFinal, numberOf, timeOf } from '../parts/format';

export function Facts({ future }: { future: Future }) {
  const attempts = `${future.attempt ?? 0} of ${future.maxAttempts ?? 1}`;
  return (
    <section class="panel" aria-labelledby="facts">
      <h2 id="facts">Times and attempts</h2>
      <Phases future={future} />
      <dl class="facts">
        <Fact name="Executor">{future.executor}</Fact>
        <Fact name="Attempt">{attempts}</Fact>
        <Fact name="Submitted">{dateAndClock(future.submitTime)}</Fact>
        <Fact name="Started">{dateAndClock(future.startTime)}</Fact>
        <Fact name="Finished">{dateAndClock(future.finishTime)}</Fact>
        {future.dueTime && <Fact name="Next attempt">{dateAndClock(future.dueTime)}</Fact>}
        {future.failTime && <Fact name="Fails unless ended">{dateAndClock(future.failTime)}</Fact>}
        {future.expireTime && <Fact name="Kept until">{dateAndClock(future.expireTime)}</Fact>}
        <Fact name="Arguments">{bytes(numberOf(future.argumentsSize))}</Fact>
        {future.valueSize !== undefined && <Fact name="Value">{bytes(numberOf(future.valueSize))}</Fact>}
        {future.priority ? <Fact name="Priority">{future.priority}</Fact> : null}
        {future.options?.timeout && <Fact name="Timeout">{future.options.timeout}</Fact>}
        {future.atMostOnce && <Fact name="Runs">at most once</Fact>}
        {future.ephemeral && <Fact name="Stored">not: ends with the daemon</Fact>}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

// How its time is made up: waiting, then running.
function Phases({ future }: { future: Future }) {
  const submitted = timeOf(future.submitTime);
  const end = isFinal(future.state) ? timeOf(future.finishTime) : Math.max(Date.now(), submitted);
  const started = Number.isNaN(timeOf(future.startTime)) ? end : timeOf(future.startTime);
  const waited = Math.max(0, started - submitted);
  const ran = Math.max(0, end - started);
  const share = waited + ran > 0 ? waited / (waited + ran) : 1;
  return (
    <div class="phases">
      <div class="bar" aria-hidden="true">
        <div class="waited" style={{ flexGrow: share }} />
        <div class={`ran state-${future.state.slice('FUTURE_STATE_'.length).toLowerCase()}`} style={{ flexGrow: 1 - share }} />
      </div>
      <p>
        <span>{between(waited)} until it started{(future.attempt ?? 0) > 1 ? ' this attempt' : ''}</span>
        <span>{between(ran)} running</span>
      </p>
    </div>
  );
}
