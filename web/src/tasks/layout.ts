// Where things are on the canvas, in CSS pixels.
import type { Lane } from './names';

export const kAxis = 22;
const kThinnest = 6;
const kThickest = 26;
const kNarrow = 560;

export interface Layout {
  width: number;
  height: number;
  // Width of the names of workers.
  gutter: number;
  row: number;
  // Row of each lane, -1: not shown.
  rowOf: Int32Array;
  shown: Lane[];
}

export function layoutOf(width: number, room: number, rows: { rowOf: Int32Array; shown: Lane[] }): Layout {
  const count = Math.max(1, rows.shown.length);
  const row = Math.min(kThickest, Math.max(kThinnest, Math.floor((room - kAxis) / count)));
  return { width, height: kAxis + row * count, gutter: width < kNarrow ? 72 : 104, row, ...rows };
}

export const xOf = (layout: Layout, time: number, from: number, span: number): number =>
  layout.gutter + ((time - from) / span) * (layout.width - layout.gutter);

export const timeAt = (layout: Layout, x: number, from: number, span: number): number =>
  from + ((x - layout.gutter) / (layout.width - layout.gutter)) * span;

export const rowAt = (layout: Layout, y: number): number => Math.floor((y - kAxis) / layout.row);
