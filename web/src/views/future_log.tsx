// A future's log, followed live.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Future, LogLine } from '../api/types';
import { clock, exact, isFinal } from '../parts/format';
import { StreamNote } from '../parts/stream_note';
import { useShortcut } from '../state/shortcuts';
import type { Watched } from '../state/watch';

// So near to its end counts as there, in pixels.
const kNear = 24;

export function Log({ future, watch }: { future: Future; watch: Watched }) {
  const box = useRef<HTMLDivElement>(null);
  const [following, follow] = useState(true);
  useShortcut('f', () => follow(!following));
  useEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [watch.lines, following]);
  const scrolled = (): void => {
    const at = box.current;
    if (at) follow(at.scrollHeight - at.scrollTop - at.clientHeight < kNear);
  };
  const severalAttempts = (future.maxAttempts ?? 1) > 1;
  return (
    <section class="panel" aria-labelledby="log">
      <div class="head">
        <h2 id="log">Log</h2>
        {watch.missing > 0 && <span class="note">{exact(watch.missing)} earlier lines are not shown</span>}
        <label class="check controls">
          <input type="checkbox" checked={following} onChange={(event) => follow(event.currentTarget.checked)} /> Follow
        </label>
      </div>
      <StreamNote status={watch.status} />
      {watch.lines.length === 0 ? (
        <p class="note">{isFinal(future.state) ? 'It has logged nothing.' : 'It has logged nothing so far.'}</p>
      ) : (
        <div ref={box} class="log" role="log" tabIndex={0} aria-labelledby="log" onScroll={scrolled}>
          {watch.lines.map((line) => (
            <Line key={Number(line.number)} line={line} attempts={severalAttempts} />
          ))}
        </div>
      )}
    </section>
  );
}

function Line({ line, attempts }: { line: LogLine; attempts: boolean }) {
  const kind = (line.kind ?? '').replace('LOG_KIND_', '').toLowerCase();
  return (
    <div class={`line line-${kind}`}>
      <time dateTime={line.time}>{clock(line.time)}</time>
      <span class="kind">
        {kind}
        {attempts && ` #${line.attempt ?? 1}`}
      </span>
      <bdi>{line.text}</bdi>
    </div>
  );
}
