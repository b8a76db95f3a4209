// A future's page.
import { useEffect } from 'preact/hooks';
import { getFuture } from '../api/futured';
import { Badge } from '../parts/badge';
import { Empty } from '../parts/empty';
import { Labels } from '../parts/labels';
import { Meter } from '../parts/meter';
import { isFinal } from '../parts/format';
import { callText } from '../parts/values';
import { usePoll } from '../state/poll';
import { useShortcut } from '../state/shortcuts';
import { useWatch } from '../state/watch';
import type { Future } from '../api/types';
import { Actions } from './future_actions';
import { Facts } from './future_facts';
import { Log } from './future_log';
import { Result } from './future_result';
import { Text } from '../parts/text';

export function FuturePage({ id }: { id: string }) {
  const watch = useWatch(id);
  const ended = watch.state !== undefined && isFinal(watch.state);
  const { value, error, again } = usePoll(id, !ended, (signal) => getFuture(id, signal));
  useShortcut('r', again);
  // What the stream tells is newer.
  useEffect(() => {
    if (watch.state !== undefined) again();
  }, [watch.state, watch.attempt]);
  return (
    <>
      <nav class="crumbs" aria-label="Way">
        <a href="#/futures">Futures</a> / <span class="id">{id}</span>
      </nav>
      {error && (
        <p class="warning panel" role="alert">
          {error}
        </p>
      )}
      {value && value.id === id && <Page future={value} watch={watch} again={again} />}
      {!value && !error && <Empty text="Looking, or there is no future of this ID: never submitted here, or forgotten." />}
    </>
  );
}

function Page({ future, watch, again }: { future: Future; watch: ReturnType<typeof useWatch>; again: () => void }) {
  const progress = watch.progress ?? future.progress;
  return (
    <article class="future">
      <div class="head">
        <h1 class="name">{future.function}</h1>
        <Badge state={future.state} />
        <Actions future={future} again={again} />
      </div>
      <Labels labels={future.labels} />
      {future.state === 'FUTURE_STATE_RUNNING' && progress && (
        <div class="progress panel" aria-live="polite">
          <Meter share={progress.fraction ?? 0} name="Progress" kind="progress" />
          <span>
            {((progress.fraction ?? 0) * 100).toFixed(0)}% <bdi>{progress.message}</bdi>
          </span>
        </div>
      )}
      <Facts future={future} />
      <section class="panel" aria-labelledby="call">
        <h2 id="call">Call</h2>
        {future.arguments ? (
          <Text text={callText(future.function ?? '', future.arguments)} />
        ) : (
          <p class="note">Its arguments are no longer kept.</p>
        )}
      </section>
      <Result future={future} />
      <Log future={future} watch={watch} />
    </article>
  );
}
