// Draws the task stream: a row for each worker, a bar for each task.
import { kAxis, xOf, type Layout } from './layout';
import type { TaskModel } from './model';
import type { Palette } from './palette';
import { drawAxis } from './axis';
import { laneName } from './names';

// Tasks arrive in the order of their ends, but for this many milliseconds.
const kDisorder = 2_000;
const kDim = 0.13;
const kRunning = 0.55;
const kMargin = 12;

export interface Scene {
  model: TaskModel;
  layout: Layout;
  from: number;
  span: number;
  now: number;
  // Of its functions; -1: all.
  only: number;
  // Of its tasks; empty: none.
  selected: string;
}

export function draw(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { layout } = scene;
  context.clearRect(0, 0, layout.width, layout.height);
  drawRows(context, layout, palette);
  drawAxis(context, scene, palette);
  context.save();
  context.beginPath();
  context.rect(layout.gutter, kAxis, layout.width - layout.gutter, layout.height - kAxis);
  context.clip();
  drawRunning(context, scene, palette);
  drawEnded(context, scene, palette);
  context.restore();
}

function drawRows(context: CanvasRenderingContext2D, layout: Layout, palette: Palette): void {
  context.font = `${Math.min(12, Math.max(8, layout.row - 4))}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  const every = layout.row >= 11 ? 1 : Math.ceil(11 / layout.row);
  layout.shown.forEach((lane, row) => {
    const y = kAxis + row * layout.row;
    if (row % 2 === 0) {
      context.fillStyle = palette.stripe;
      context.fillRect(layout.gutter, y, layout.width - layout.gutter, layout.row);
    }
    if (row % every !== 0) return;
    context.fillStyle = palette.text;
    context.fillText(laneName(lane), kMargin, y + layout.row / 2, layout.gutter - kMargin - 6);
  });
}

function drawRunning(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { model, layout, from, span, now, only, selected } = scene;
  const right = xOf(layout, Math.min(now, from + span), from, span);
  for (const task of model.running) {
    const row = layout.rowOf[task.lane] ?? -1;
    const left = xOf(layout, task.started, from, span);
    if (row < 0 || left > right) continue;
    context.globalAlpha = only >= 0 && task.fn !== only ? kDim : kRunning;
    context.fillStyle = palette.functions[model.functions.colours[task.fn] ?? 0] ?? palette.text;
    bar(context, layout, row, left, right);
    if (task.id === selected) outline(context, layout, row, left, right, palette);
  }
  context.globalAlpha = 1;
}

// From the newest to the oldest. What lies in a pixel that is painted already is left out, so a frame has at most a bar for
// each pixel of a row, whatever the number of tasks.
function drawEnded(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { model, layout, from, span, only, selected } = scene;
  const { ring, functions } = model;
  const painted = new Float64Array(layout.shown.length).fill(Infinity);
  const scale = (layout.width - layout.gutter) / span;
  for (let back = 0; back < ring.size; ++back) {
    const slot = ring.slot(back);
    const ended = ring.ended[slot] ?? 0;
    if (ended < from) {
      if (ended < from - kDisorder) break;
      continue;
    }
    const started = ring.started[slot] ?? 0;
    const row = layout.rowOf[ring.lane[slot] ?? 0] ?? -1;
    if (row < 0 || started > from + span) continue;
    const left = layout.gutter + (started - from) * scale;
    const chosen = ring.ids[slot] === selected && selected !== '';
    if (Math.floor(left) >= (painted[row] ?? Infinity) && !chosen) continue;
    painted[row] = Math.floor(left);
    const right = layout.gutter + (ended - from) * scale;
    const fn = ring.fn[slot] ?? 0;
    context.globalAlpha = only >= 0 && fn !== only ? kDim : 1;
    context.fillStyle = palette.functions[functions.colours[fn] ?? 0] ?? palette.text;
    bar(context, layout, row, left, right);
    const outcome = ring.outcome[slot] ?? 0;
    if (outcome > 0) mark(context, layout, row, left, right, outcome === 1 ? palette.failed : palette.cancelled);
    if (chosen) outline(context, layout, row, left, right, palette);
  }
  context.globalAlpha = 1;
}

function bar(context: CanvasRenderingContext2D, layout: Layout, row: number, left: number, right: number): void {
  const gap = layout.row > 10 ? 2 : 1;
  const width = right - left;
  // A hair between neighbours, where there is room for it.
  context.fillRect(left, kAxis + row * layout.row + gap / 2, Math.max(1, width > 4 ? width - 1 : width), layout.row - gap);
}

// How it ended, along its lower edge.
function mark(context: CanvasRenderingContext2D, layout: Layout, row: number, left: number, right: number, colour: string): void {
  const thick = Math.max(2, Math.round(layout.row / 4));
  context.fillStyle = colour;
  context.fillRect(left, kAxis + (row + 1) * layout.row - thick, Math.max(1.5, right - left), thick);
}

function outline(context: CanvasRenderingContext2D, layout: Layout, row: number, left: number, right: number, palette: Palette): void {
  context.globalAlpha = 1;
  context.strokeStyle = palette.focus;
  context.lineWidth = 2;
  context.strokeRect(left - 1, kAxis + row * layout.row + 1, Math.max(3, right - left + 2), layout.row - 2);
}
