// The functions of the time shown, with their colours; one may be picked out.
import { useEffect, useState } from 'preact/hooks';
import { exact } from '../parts/format';
import { taskModel } from '../state/task_stream';
import { shares, type Share } from '../tasks/find';
import type { Stage } from '../tasks/stage';

const kEvery = 1_000;
const kShown = 24;

export function Legend({ stage }: { stage: Stage }) {
  const [found, setFound] = useState<Share[]>([]);
  const [only, setOnly] = useState(-1);
  useEffect(() => {
    const count = (): void => setFound(shares(taskModel, stage.layout.rowOf, stage.from, stage.to));
    const timer = window.setInterval(() => !document.hidden && count(), kEvery);
    count();
    return () => window.clearInterval(timer);
  }, [stage]);
  const pick = (fn: number): void => {
    const picked = fn === only ? -1 : fn;
    setOnly(picked);
    stage.only = picked;
    stage.touch();
  };
  if (found.length === 0) return <p class="empty panel">No task has run in the time shown.</p>;
  return (
    <section class="panel" aria-label="Functions by their share of the time shown">
      <ul class="functions">
        {found.slice(0, kShown).map(({ fn, share, count }) => (
          <li key={fn}>
            <button type="button" class="plain" aria-pressed={only === fn} onClick={() => pick(fn)}>
              <i class={`swatch fn-${taskModel.functions.colours[fn] ?? 0}`} />
              <span class="name">{taskModel.functions.names[fn]}</span>
              <span class="note">
                {(share * 100).toFixed(share < 0.1 ? 1 : 0)}% · {exact(count)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p class="note marks">
        <i class="swatch mark-failed" /> failed <i class="swatch mark-cancelled" /> cancelled <i class="swatch mark-running" /> running.
        Shares are of the workers' time. A row is a place for a task; ~ is one for coroutines, which hold no worker.
      </p>
    </section>
  );
}
