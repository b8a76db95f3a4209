// The last ended tasks, as columns of fixed size: memory does not grow, whatever comes.

export const kOutcomes = ['succeeded', 'failed', 'cancelled'] as const;
export type OutcomeName = (typeof kOutcomes)[number];

export class TaskRing {
  readonly started: Float64Array;
  readonly ended: Float64Array;
  readonly lane: Uint16Array;
  readonly fn: Uint16Array;
  readonly outcome: Uint8Array;
  readonly ids: string[];
  private next = 0;
  private held = 0;

  constructor(readonly capacity: number) {
    this.started = new Float64Array(capacity);
    this.ended = new Float64Array(capacity);
    this.lane = new Uint16Array(capacity);
    this.fn = new Uint16Array(capacity);
    this.outcome = new Uint8Array(capacity);
    this.ids = new Array<string>(capacity).fill('');
  }

  get size(): number {
    return this.held;
  }

  push(id: string, started: number, ended: number, lane: number, fn: number, outcome: OutcomeName): void {
    const at = this.next;
    this.ids[at] = id;
    this.started[at] = started;
    this.ended[at] = ended;
    this.lane[at] = lane;
    this.fn[at] = fn;
    this.outcome[at] = kOutcomes.indexOf(outcome);
    this.next = (at + 1) % this.capacity;
    this.held = Math.min(this.held + 1, this.capacity);
  }

  clear(): void {
    this.held = 0;
    this.ids.fill('');
  }

  // Slot of the newest but `back`; 0 <= back < size.
  slot(back: number): number {
    return (this.next - 1 - back + this.capacity) % this.capacity;
  }
}
