// What pointers, wheel and keys do on the canvas of the task stream.
import { go, futurePath } from '../state/route';
import { findBeside } from './find';
import type { Stage } from './stage';

const kStep = 0.15;
export const kZoom = 1.5;
const kWheel = 0.0025;
// A press that moves less than this is a click, in pixels.
const kSteady = 4;

export function zoom(stage: Stage, factor: number, at = 1): void {
  stage.viewport.zoom(factor, at);
  stage.touch();
}

export function togglePause(stage: Stage): void {
  if (stage.viewport.paused) stage.viewport.follow();
  else stage.viewport.pause(stage.model.now());
  stage.touch();
}

function pan(stage: Stage, share: number): void {
  stage.viewport.pan(share, stage.model.now());
  stage.touch();
}

// The row and time that keys start from: of what is chosen, else the first row at the right end.
function besides(stage: Stage, rows: number, later: boolean | null): void {
  const { layout, model } = stage;
  const chosen = stage.found.peek();
  const row = chosen ? (layout.rowOf[chosen.lane] ?? 0) + rows : Math.max(0, rows - 1);
  if (row < 0 || row >= layout.shown.length) return;
  stage.viewport.pause(model.now());
  const time = chosen ? chosen.started : stage.to;
  const found = later === null
    ? (findBeside(model, layout.rowOf, row, time + 1e-6, false) ?? findBeside(model, layout.rowOf, row, time, true))
    : findBeside(model, layout.rowOf, row, time, later);
  if (found) {
    stage.choose(found, true);
    if (found.started < stage.from || found.started > stage.to) {
      pan(stage, (found.started - (stage.from + stage.to) / 2) / stage.viewport.span);
    }
  }
  stage.touch();
}

const kKeys: Record<string, (stage: Stage) => void> = {
  ArrowLeft: (stage) => pan(stage, -kStep),
  ArrowRight: (stage) => pan(stage, kStep),
  ArrowUp: (stage) => besides(stage, -1, null),
  ArrowDown: (stage) => besides(stage, 1, null),
  ',': (stage) => besides(stage, 0, false),
  '.': (stage) => besides(stage, 0, true),
  Enter: (stage) => {
    const found = stage.found.peek();
    if (found) go(futurePath(found.id));
  },
  Escape: (stage) => stage.choose(null, false),
};

export function onKey(stage: Stage, event: KeyboardEvent): void {
  const action = kKeys[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action(stage);
}

// A plain wheel scrolls the page; with Ctrl, or where the canvas has the focus, it zooms; sideways it pans.
export function onWheel(stage: Stage, event: WheelEvent): void {
  const { layout, canvas } = stage;
  const sideways = event.shiftKey ? event.deltaY : event.deltaX;
  if (Math.abs(sideways) > (event.shiftKey ? 0 : Math.abs(event.deltaY))) {
    event.preventDefault();
    pan(stage, sideways / (layout.width - layout.gutter));
  } else if (event.ctrlKey || event.metaKey || document.activeElement === canvas) {
    event.preventDefault();
    zoom(stage, Math.exp(event.deltaY * kWheel), (event.offsetX - layout.gutter) / (layout.width - layout.gutter));
  }
}

// Drags pan, two fingers zoom, a click chooses, hovering shows. Returns what undoes it.
export function listen(stage: Stage): () => void {
  const { canvas } = stage;
  const down = new Map<number, { x: number; y: number }>();
  let moved = 0;
  const choose = (event: PointerEvent, pin: boolean): void => {
    stage.choose(stage.hit(event.offsetX, event.offsetY), pin);
  };
  const pointerdown = (event: PointerEvent): void => {
    down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    moved = 0;
    canvas.setPointerCapture(event.pointerId);
  };
  const pointermove = (event: PointerEvent): void => {
    const last = down.get(event.pointerId);
    if (!last) {
      if (event.pointerType === 'mouse' && !stage.pinned.peek()) choose(event, false);
      return;
    }
    const others = [...down].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    const dx = event.offsetX - last.x;
    moved += Math.abs(dx);
    down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    const other = others[0];
    if (other) {
      const before = Math.max(10, Math.abs(last.x - other.x));
      const now = Math.max(10, Math.abs(event.offsetX - other.x));
      zoom(stage, before / now, ((event.offsetX + other.x) / 2 - stage.layout.gutter) / (stage.layout.width - stage.layout.gutter));
    } else if (moved > kSteady) {
      pan(stage, -dx / (stage.layout.width - stage.layout.gutter));
    }
  };
  const pointerup = (event: PointerEvent): void => {
    if (down.delete(event.pointerId) && moved <= kSteady) choose(event, true);
  };
  const pointerleave = (): void => {
    if (!stage.pinned.peek()) stage.choose(null, false);
  };
  const wheel = (event: WheelEvent): void => onWheel(stage, event);
  canvas.addEventListener('pointerdown', pointerdown);
  canvas.addEventListener('pointermove', pointermove);
  canvas.addEventListener('pointerup', pointerup);
  canvas.addEventListener('pointercancel', pointerup);
  canvas.addEventListener('pointerleave', pointerleave);
  canvas.addEventListener('wheel', wheel, { passive: false });
  return () => {
    canvas.removeEventListener('pointerdown', pointerdown);
    canvas.removeEventListener('pointermove', pointermove);
    canvas.removeEventListener('pointerup', pointerup);
    canvas.removeEventListener('pointercancel', pointerup);
    canvas.removeEventListener('pointerleave', pointerleave);
    canvas.removeEventListener('wheel', wheel);
  };
}
