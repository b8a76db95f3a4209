// Executors: what they are, their functions and worker processes; pause, resume, drain.
import { useState } from 'preact/hooks';
import { changeExecutor, listExecutors, type ExecutorVerb } from '../api/futured';
import type { Executor } from '../api/types';
import { Badge } from '../parts/badge';
import { Dialog } from '../parts/dialog';
import { Empty } from '../parts/empty';
import { exact, numberOf } from '../parts/format';
import { tell, tellError } from '../state/notices';
import { usePoll } from '../state/poll';
import { useShortcut } from '../state/shortcuts';
import { Functions, Workers } from './executor_parts';

const kDone: Record<ExecutorVerb, string> = { Pause: 'is paused', Resume: 'goes on', Drain: 'is draining' };
const kMeaning: Record<ExecutorVerb, string> = {
  Pause: 'It begins no more tasks until it is resumed. Those that run go on, and new ones are still accepted.',
  Resume: 'It accepts and begins tasks again.',
  Drain: 'It refuses new tasks until it is resumed, and runs those that it has.',
};

export function Executors() {
  const { value, error, again } = usePoll('executors', true, listExecutors);
  const [asked, ask] = useState<{ verb: ExecutorVerb; name: string } | null>(null);
  useShortcut('r', again);
  const act = (verb: ExecutorVerb, name: string): void => {
    ask(null);
    changeExecutor(verb, name).then(
      () => {
        tell(`${name} ${kDone[verb]}.`);
        again();
      },
      (failure: unknown) => tellError(`${verb} ${name}`, failure),
    );
  };
  return (
    <>
      <h1>Executors</h1>
      {error && (
        <p class="warning panel" role="alert">
          {error}
        </p>
      )}
      {!value && !error && <Empty text="Looking …" />}
      {value?.map((executor) => (
        <Card
          key={executor.name}
          executor={executor}
          change={(verb) => (verb === 'Resume' ? act(verb, executor.name) : ask({ verb, name: executor.name }))}
        />
      ))}
      {asked && (
        <Dialog
          title={`${asked.verb} ${asked.name}?`}
          confirm={asked.verb}
          danger={asked.verb === 'Drain'}
          onClose={() => ask(null)}
          onConfirm={() => act(asked.verb, asked.name)}
        >
          <p>{kMeaning[asked.verb]}</p>
        </Dialog>
      )}
    </>
  );
}

function Card({ executor, change }: { executor: Executor; change: (verb: ExecutorVerb) => void }) {
  const active = executor.state === 'EXECUTOR_STATE_ACTIVE';
  const counts: [string, number][] = [
    ['Running', numberOf(executor.running)],
    ['Queued', numberOf(executor.pending)],
    ['Workers', executor.maxWorkers ?? 0],
    ['Coroutine limit', executor.maxCoroutines ?? 0],
    ['Succeeded', numberOf(executor.succeeded)],
    ['Failed', numberOf(executor.failed)],
    ['Cancelled', numberOf(executor.cancelled)],
  ];
  return (
    <section class="panel executor" aria-label={`Executor ${executor.name}`}>
      <div class="head">
        <h2>{executor.name}</h2>
        <span class="note">{executor.kind}</span>
        <Badge state={executor.state} />
        <div class="controls">
          {active && (
            <button type="button" title={kMeaning.Pause} onClick={() => change('Pause')}>
              Pause
            </button>
          )}
          {active && (
            <button type="button" title={kMeaning.Drain} onClick={() => change('Drain')}>
              Drain
            </button>
          )}
          {!active && (
            <button type="button" class="primary" title={kMeaning.Resume} onClick={() => change('Resume')}>
              Resume
            </button>
          )}
        </div>
      </div>
      <dl class="facts">
        {counts.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{exact(count)}</dd>
          </div>
        ))}
      </dl>
      {executor.sandbox && <p class="note">Its workers: {executor.sandbox}</p>}
      <Workers executor={executor} />
      <Functions executor={executor} />
    </section>
  );
}
