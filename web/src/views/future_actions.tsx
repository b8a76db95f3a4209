// Cancel, retry, forget: each asks first, and says what came of it.
import { useState } from 'preact/hooks';
import { cancelFuture, forgetFuture, retryFuture } from '../api/futured';
import type { CancelMode, Future } from '../api/types';
import { Dialog } from '../parts/dialog';
import { isFinal } from '../parts/format';
import { tell, tellError } from '../state/notices';
import { futurePath, go } from '../state/route';
import { useShortcut } from '../state/shortcuts';

type Asked = 'cancel' | 'retry' | 'forget' | null;

const kEffects: Record<string, string> = {
  CANCEL_EFFECT_CANCELLED: 'It is cancelled.',
  CANCEL_EFFECT_RUNNING: 'It is running and goes on.',
  CANCEL_EFFECT_STOP_REQUESTED: 'It has been asked to stop.',
  CANCEL_EFFECT_STOP_ENFORCED: 'It has been asked to stop, and is killed if it does not.',
  CANCEL_EFFECT_FINISHED: 'It had finished already.',
  CANCEL_EFFECT_NOT_FOUND: 'There is no such future any more.',
};

export function Actions({ future, again }: { future: Future; again: () => void }) {
  const [asked, ask] = useState<Asked>(null);
  const done = isFinal(future.state);
  const retriable = future.state === 'FUTURE_STATE_FAILED' || future.state === 'FUTURE_STATE_CANCELLED';
  useShortcut('c', () => !done && ask('cancel'));
  const close = (): void => ask(null);
  const act = (doing: string, action: () => Promise<void>): void => {
    close();
    action().then(again, (error: unknown) => tellError(doing, error));
  };
  return (
    <div class="controls">
      {!done && (
        <button type="button" class="danger" title="c" onClick={() => ask('cancel')}>
          Cancel
        </button>
      )}
      {retriable && (
        <button type="button" class="primary" onClick={() => ask('retry')}>
          Retry
        </button>
      )}
      {done && (
        <button type="button" onClick={() => ask('forget')}>
          Forget
        </button>
      )}
      {asked === 'cancel' && (
        <CancelDialog
          running={future.state === 'FUTURE_STATE_RUNNING'}
          onClose={close}
          onCancel={(mode, grace) =>
            act('Cancel', async () => {
              const effect = await cancelFuture(future.id, mode, grace);
              tell(kEffects[effect] ?? effect);
            })
          }
        />
      )}
      {asked === 'retry' && (
        <Dialog
          title="Retry this future?"
          confirm="Retry"
          onClose={close}
          onConfirm={() =>
            act('Retry', async () => {
              const id = await retryFuture(future.id);
              tell('It is submitted again, as this future.');
              go(futurePath(id));
            })
          }
        >
          <p>A new future with the same function, arguments and options is submitted. This one stays as it is.</p>
        </Dialog>
      )}
      {asked === 'forget' && (
        <Dialog
          title="Forget this future?"
          confirm="Forget"
          danger
          onClose={close}
          onConfirm={() =>
            act('Forget', async () => {
              const { forgotten } = await forgetFuture(future.id);
              tell(forgotten?.length ? 'It is forgotten.' : 'It stays.');
              if (forgotten?.length) go('/futures');
            })
          }
        >
          <p>Its outcome and its log are dropped. Whoever asks for it afterwards is told that it is not found.</p>
        </Dialog>
      )}
    </div>
  );
}

const kModes: { mode: CancelMode; name: string; note: string }[] = [
  { mode: 'CANCEL_MODE_COOPERATIVE', name: 'Ask it to stop', note: 'The function decides when.' },
  { mode: 'CANCEL_MODE_FORCE', name: 'Stop it by force', note: 'Its worker process is killed when the grace is over. Threads are asked only.' },
];
const kGrace = 5;

function CancelDialog({ running, onClose, onCancel }: { running: boolean; onClose: () => void; onCancel: (mode: CancelMode, grace: number) => void }) {
  const [mode, setMode] = useState<CancelMode>('CANCEL_MODE_COOPERATIVE');
  const [grace, setGrace] = useState(kGrace);
  return (
    <Dialog title="Cancel this future?" confirm="Cancel it" danger onClose={onClose} onConfirm={() => onCancel(mode, grace)}>
      {!running && <p>It has not begun, and never will.</p>}
      {running && (
        <fieldset>
          <legend>It is running.</legend>
          {kModes.map(({ mode: one, name, note }) => (
            <label key={one} class="choice">
              <input type="radio" name="mode" checked={mode === one} onChange={() => setMode(one)} />
              <span>
                {name} <span class="note">{note}</span>
              </span>
            </label>
          ))}
          <label>
            Grace in seconds{' '}
            <input
              type="number"
              min={0}
              max={3600}
              value={grace}
              disabled={mode !== 'CANCEL_MODE_FORCE'}
              onInput={(event) => setGrace(Math.min(3600, Math.max(0, event.currentTarget.valueAsNumber || 0)))}
            />
          </label>
        </fieldset>
      )}
    </Dialog>
  );
}
