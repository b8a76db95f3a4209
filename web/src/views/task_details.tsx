// The task under the pointer, or chosen by keys.
import { clockOf, seconds } from '../parts/format';
import { futurePath } from '../state/route';
import { laneName } from '../tasks/names';
import type { Stage } from '../tasks/stage';

// So that it stays within the canvas, in pixels.
const kWidth = 260;

export function Details({ stage }: { stage: Stage }) {
  const found = stage.found.value;
  if (!found) return <div class="sr" aria-live="polite" />;
  const { model, layout } = stage;
  const lane = model.lanes.lanes[found.lane];
  const place = stage.placeOf(found);
  const took = ((found.ended ?? model.now()) - found.started) / 1000;
  return (
    <div
      class={stage.pinned.value ? 'details pinned' : 'details'}
      aria-live="polite"
      style={{ left: `${Math.max(0, Math.min(place.x, layout.width - kWidth))}px`, top: `${place.y + 4}px` }}
    >
      <b>
        <i class={`swatch fn-${model.functions.colours[found.fn] ?? 0}`} /> {model.functions.names[found.fn]}
      </b>
      <span>
        {found.outcome ?? 'running'} · {seconds(took)} · {lane && laneName(lane)}
      </span>
      <span class="note">began {clockOf(found.started)}</span>
      <a href={`#${futurePath(found.id)}`} class="id">
        {found.id}
      </a>
    </div>
  );
}
