// Which task is where, and which is next to it.
import { kOutcomes, type OutcomeName } from './ring';
import type { TaskModel } from './model';

export interface Found {
  id: string;
  lane: number;
  fn: number;
  started: number;
  // Nothing: it runs.
  ended: number | null;
  outcome: OutcomeName | null;
}

function at(model: TaskModel, slot: number): Found {
  const { ring } = model;
  return {
    id: ring.ids[slot] ?? '',
    lane: ring.lane[slot] ?? 0,
    fn: ring.fn[slot] ?? 0,
    started: ring.started[slot] ?? 0,
    ended: ring.ended[slot] ?? 0,
    outcome: kOutcomes[ring.outcome[slot] ?? 0] ?? null,
  };
}

// Of the row, within `slack` milliseconds of the time: the nearest.
export function findAt(model: TaskModel, rowOf: Int32Array, row: number, time: number, slack: number): Found | null {
  const running = model.running.find((task) => rowOf[task.lane] === row && task.started - slack <= time);
  const { ring } = model;
  let nearest: number | null = null;
  let distance = slack;
  for (let back = 0; back < ring.size; ++back) {
    const slot = ring.slot(back);
    if (rowOf[ring.lane[slot] ?? 0] !== row) continue;
    const away = Math.max((ring.started[slot] ?? 0) - time, time - (ring.ended[slot] ?? 0), 0);
    if (away > distance || (away === distance && nearest !== null)) continue;
    nearest = slot;
    distance = away;
    if (away === 0) break;
  }
  if (nearest !== null && (distance === 0 || !running)) return at(model, nearest);
  return running ? { ...running, ended: null, outcome: null } : null;
}

// Of the row, the one that began next after the time, or last before it.
export function findBeside(model: TaskModel, rowOf: Int32Array, row: number, time: number, later: boolean): Found | null {
  const { ring } = model;
  let best: number | null = null;
  for (let back = 0; back < ring.size; ++back) {
    const slot = ring.slot(back);
    if (rowOf[ring.lane[slot] ?? 0] !== row) continue;
    const started = ring.started[slot] ?? 0;
    if (later ? started <= time : started >= time) continue;
    const known = best === null ? null : (ring.started[best] ?? 0);
    if (known === null || (later ? started < known : started > known)) best = slot;
  }
  return best === null ? null : at(model, best);
}

export interface Share {
  fn: number;
  // Of the time of all that is shown, 0 to 1, and how many tasks.
  share: number;
  count: number;
}

// The functions of the time shown, the one that took most of it first.
export function shares(model: TaskModel, rowOf: Int32Array, from: number, to: number): Share[] {
  const { ring } = model;
  const found = new Map<number, Share>();
  let total = 0;
  const add = (fn: number, time: number): void => {
    const share = found.get(fn) ?? { fn, share: 0, count: 0 };
    share.share += time;
    share.count += 1;
    total += time;
    found.set(fn, share);
  };
  for (let back = 0; back < ring.size; ++back) {
    const slot = ring.slot(back);
    const ended = Math.min(ring.ended[slot] ?? 0, to);
    const started = Math.max(ring.started[slot] ?? 0, from);
    if ((rowOf[ring.lane[slot] ?? 0] ?? -1) >= 0 && ended >= started) add(ring.fn[slot] ?? 0, ended - started);
  }
  for (const task of model.running) {
    if ((rowOf[task.lane] ?? -1) >= 0 && task.started < to) add(task.fn, to - Math.max(task.started, from));
  }
  const sorted = [...found.values()].sort((a, b) => b.share - a.share || b.count - a.count);
  return sorted.map((share) => ({ ...share, share: total > 0 ? share.share / total : 0 }));
}
