// Rows for coroutines: they hold no worker, so they are stacked where there is room for them.
import type { TaskBar, TaskEvent } from '../api/events';
import { kCoroutines } from './names';

// Of each executor; what finds no room lies over the others in the last one.
const kRows = 12;

export class CoroutineLanes {
  // Until when a row is taken, by executor; infinity: by one that runs.
  private readonly taken = new Map<string, Float64Array>();
  // Rows of those that run.
  private rows = new Map<string, number>();

  // Before the tasks of an event are placed: rows of those that are not told of any more are free.
  begin(event: TaskEvent): void {
    const told = new Set(event.tasks.filter((task) => task.worker === null).map((task) => task.id));
    const rows = new Map([...this.rows].filter(([id]) => told.has(id)));
    for (const taken of this.taken.values()) {
      for (let row = 0; row < kRows; ++row) {
        if (taken[row] === Infinity) taken[row] = event.now;
      }
    }
    for (const task of event.tasks) {
      const row = rows.get(task.id);
      if (row !== undefined) this.rowsOf(task.executor)[row] = Infinity;
    }
    this.rows = rows;
  }

  // As the number of a worker: see Lane.
  place(task: TaskBar): number {
    const taken = this.rowsOf(task.executor);
    const known = this.rows.get(task.id);
    const free = taken.findIndex((until) => until <= task.started);
    const row = known ?? (free < 0 ? kRows - 1 : free);
    taken[row] = task.ended ?? Infinity;
    if (task.ended === null) this.rows.set(task.id, row);
    else this.rows.delete(task.id);
    return kCoroutines + row;
  }

  private rowsOf(executor: string): Float64Array {
    let taken = this.taken.get(executor);
    if (!taken) this.taken.set(executor, (taken = new Float64Array(kRows)));
    return taken;
  }
}
