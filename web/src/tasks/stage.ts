// The canvas of the task stream: keeps its size, and draws when something has changed, no more than it can afford.
import { effect, signal } from '@preact/signals';
import { dark, reducedMotion } from '../state/theme';
import { draw } from './draw';
import { findAt, type Found } from './find';
import { layoutOf, rowAt, timeAt, xOf, type Layout } from './layout';
import type { TaskModel } from './model';
import { paletteOf, type Palette } from './palette';
import { Viewport } from './viewport';

// A frame that took one millisecond to draw is followed by as many without one: others want to work as well.
const kRest = 3;
const kLongestRest = 250;
const kStill = 1_000;
// How far from a bar the pointer may be, in pixels.
const kReach = 4;

export class Stage {
  readonly viewport = new Viewport();
  readonly paused = signal(false);
  readonly span = signal(this.viewport.span);
  readonly found = signal<Found | null>(null);
  // It stays, whatever the pointer does.
  readonly pinned = signal(false);
  // Of an executor; empty: all.
  executor = '';
  only = -1;
  layout: Layout;
  private readonly context: CanvasRenderingContext2D;
  private readonly observer: ResizeObserver;
  private readonly forget: () => void;
  private palette: Palette = paletteOf();
  private frame = 0;
  private notBefore = 0;
  private changed = true;
  private lanes = -1;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly model: TaskModel,
  ) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser draws on no canvas');
    this.context = context;
    this.layout = this.arrange();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(canvas.parentElement ?? canvas);
    this.forget = effect(() => {
      void dark.value;
      this.palette = paletteOf();
      this.changed = true;
    });
    this.frame = requestAnimationFrame(this.tick);
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.forget();
  }

  // Something is shown differently.
  touch(): void {
    this.changed = true;
    this.notBefore = 0;
    this.paused.value = this.viewport.paused;
    this.span.value = this.viewport.span;
  }

  choose(found: Found | null, pin: boolean): void {
    this.found.value = found;
    this.pinned.value = pin && found !== null;
    this.touch();
  }

  resize(): void {
    this.layout = this.arrange();
    this.touch();
  }

  get to(): number {
    return this.viewport.to(this.model.now());
  }

  get from(): number {
    return this.to - this.viewport.span;
  }

  hit(x: number, y: number): Found | null {
    const { layout, viewport } = this;
    if (x < layout.gutter) return null;
    const slack = (kReach / (layout.width - layout.gutter)) * viewport.span;
    return findAt(this.model, layout.rowOf, rowAt(layout, y), timeAt(layout, x, this.from, viewport.span), slack);
  }

  // In CSS pixels of the canvas.
  placeOf(found: Found): { x: number; y: number } {
    const { layout, from, viewport } = this;
    const row = layout.rowOf[found.lane] ?? 0;
    return {
      x: Math.min(layout.width, Math.max(layout.gutter, xOf(layout, found.started, from, viewport.span))),
      y: layout.height - (layout.shown.length - row - 1) * layout.row,
    };
  }

  private arrange(): Layout {
    const room = Math.max(180, window.innerHeight - 340);
    this.lanes = this.model.lanes.lanes.length;
    const width = Math.max(200, this.canvas.parentElement?.clientWidth ?? 0);
    const layout = layoutOf(width, room, this.model.lanes.rows(this.model.executors, this.executor));
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(layout.width * ratio);
    this.canvas.height = Math.round(layout.height * ratio);
    this.canvas.style.width = `${layout.width}px`;
    this.canvas.style.height = `${layout.height}px`;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return layout;
  }

  private readonly tick = (now: number): void => {
    this.frame = requestAnimationFrame(this.tick);
    if (this.lanes !== this.model.lanes.lanes.length) this.resize();
    const moves = !this.viewport.paused;
    if ((!moves && !this.changed) || now < this.notBefore) return;
    this.changed = false;
    const begun = performance.now();
    draw(
      this.context,
      {
        model: this.model,
        layout: this.layout,
        from: this.from,
        span: this.viewport.span,
        now: this.model.now(),
        only: this.only,
        selected: this.found.peek()?.id ?? '',
      },
      this.palette,
    );
    const cost = performance.now() - begun;
    this.notBefore = now + (reducedMotion() ? kStill : Math.min(kLongestRest, cost * kRest));
  };
}
