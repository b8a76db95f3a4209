// What the task stream knows: a sample of the tasks that ended, those that run, their functions and workers.
import type { TaskEvent } from '../api/events';
import { CoroutineLanes } from './coroutines';
import { Functions, Lanes } from './names';
import { TaskRing } from './ring';

// At the most that the daemon sends, 2,000 a second, more than a minute.
const kKept = 131_072;
// How fast the difference of the clocks is believed, and above which it is at once, in milliseconds.
const kTrust = 0.1;
const kJump = 2_000;

export interface RunningTask {
  id: string;
  started: number;
  lane: number;
  fn: number;
}

export class TaskModel {
  readonly ring = new TaskRing(kKept);
  readonly functions = new Functions();
  readonly lanes = new Lanes();
  running: RunningTask[] = [];
  executors: string[] = [];
  // Tasks that ended, each second; of them shown.
  rate = 0;
  shownRate = 0;
  private readonly coroutines = new CoroutineLanes();
  private offset = NaN;
  private lastNow = NaN;

  // The daemon's clock, in milliseconds since 1970. NaN before the first event.
  now(): number {
    return Date.now() + this.offset;
  }

  take(event: TaskEvent): void {
    this.adjustClock(event.now);
    this.executors = event.executors.map((executor) => executor.name);
    for (const { name, workers } of event.executors) {
      for (let worker = 0; worker < workers; ++worker) this.lanes.index(name, worker);
    }
    const running: RunningTask[] = [];
    let shown = 0;
    this.coroutines.begin(event);
    for (const task of event.tasks) {
      const lane = this.lanes.index(task.executor, task.worker ?? this.coroutines.place(task));
      if (lane === null) continue;
      const fn = this.functions.index(task.function);
      if (task.ended === null || task.outcome === null) {
        running.push({ id: task.id, started: task.started, lane, fn });
      } else {
        this.ring.push(task.id, task.started, task.ended, lane, fn, task.outcome);
        ++shown;
      }
    }
    this.running = running;
    this.count(event, shown);
  }

  private adjustClock(now: number): void {
    const offset = now - Date.now();
    const jump = Number.isNaN(this.offset) || Math.abs(offset - this.offset) > kJump;
    this.offset = jump ? offset : this.offset + kTrust * (offset - this.offset);
  }

  private count(event: TaskEvent, shown: number): void {
    const elapsed = (event.now - this.lastNow) / 1000;
    this.lastNow = event.now;
    if (!(elapsed > 0)) return;
    this.rate += 0.3 * (event.seen / elapsed - this.rate);
    this.shownRate += 0.3 * (shown / elapsed - this.shownRate);
  }
}
