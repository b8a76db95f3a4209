// The time above the task stream.
import { kAxis, xOf } from './layout';
import type { Palette } from './palette';
import type { Scene } from './draw';

// In milliseconds; the first that leaves room for the texts is taken.
const kSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
];
const kRoom = 84;

export function stepOf(span: number, width: number): number {
  const most = Math.max(1, Math.floor(width / kRoom));
  return kSteps.find((step) => span / step <= most) ?? 600_000;
}

function text(time: number, step: number): string {
  const date = new Date(time);
  const clock = date.toLocaleTimeString('en-GB', { hour12: false });
  return step >= 1_000 ? clock : `${clock.slice(3)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export function drawAxis(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { layout, from, span } = scene;
  const step = stepOf(span, layout.width - layout.gutter);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  for (let time = Math.ceil(from / step) * step; time <= from + span; time += step) {
    const x = xOf(layout, time, from, span);
    context.fillStyle = palette.grid;
    context.fillRect(Math.round(x), kAxis - 4, 1, layout.height);
    context.fillStyle = palette.text;
    if (x > layout.gutter + 28 && x < layout.width - 28) context.fillText(text(time, step), x, kAxis / 2 - 1);
  }
}
