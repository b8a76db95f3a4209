// Functions and workers by small numbers, a bounded number of each.

export const kFunctionColours = 11;
const kMostFunctions = 1_000;
const kMostLanes = 2_048;

export class Functions {
  readonly names: string[] = [];
  // Which of the colours.
  readonly colours: number[] = [];
  private readonly byName = new Map<string, number>();

  index(name: string): number {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    if (this.names.length >= kMostFunctions) return kMostFunctions - 1;
    const index = this.names.length;
    this.names.push(index === kMostFunctions - 1 ? '(others)' : name);
    this.colours.push(this.freeColour(name));
    this.byName.set(name, index);
    return index;
  }

  // By its name, so that it is the same tomorrow, unless another has that colour already.
  private freeColour(name: string): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < name.length; ++i) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
    const wanted = hash % kFunctionColours;
    if (this.colours.length >= kFunctionColours) return wanted;
    for (let i = 0; i < kFunctionColours; ++i) {
      const colour = (wanted + i) % kFunctionColours;
      if (!this.colours.includes(colour)) return colour;
    }
    return wanted;
  }
}

export interface Lane {
  executor: string;
  // From kCoroutines on: not a worker's, but one of those where coroutines are shown, which hold none.
  worker: number;
}

export const kCoroutines = 1_024;

// Rows are places for tasks: which process or thread it was, the future's page says.
export const laneName = ({ executor, worker }: Lane): string =>
  worker < kCoroutines ? `${executor} ${worker + 1}` : `${executor} ~${worker - kCoroutines + 1}`;

export class Lanes {
  readonly lanes: Lane[] = [];
  private readonly byName = new Map<string, number[]>();

  // Nothing: there are too many.
  index(executor: string, worker: number): number | null {
    let workers = this.byName.get(executor);
    if (!workers) this.byName.set(executor, (workers = []));
    const known = workers[worker];
    if (known !== undefined) return known;
    if (this.lanes.length >= kMostLanes || worker < 0 || worker >= kMostLanes) return null;
    workers[worker] = this.lanes.length;
    return this.lanes.push({ executor, worker }) - 1;
  }

  // Row of each lane, by executor and worker; -1: not shown. `executor`: only this one; empty: all.
  rows(order: string[], executor: string): { rowOf: Int32Array; shown: Lane[] } {
    const place = (name: string): number => (order.indexOf(name) + order.length + 1) % (order.length + 1);
    const sorted = this.lanes
      .map((lane, index) => ({ lane, index }))
      .filter(({ lane }) => executor === '' || lane.executor === executor)
      .sort((a, b) => place(a.lane.executor) - place(b.lane.executor) || a.lane.worker - b.lane.worker);
    const rowOf = new Int32Array(this.lanes.length).fill(-1);
    sorted.forEach(({ index }, row) => (rowOf[index] = row));
    return { rowOf, shown: sorted.map(({ lane }) => lane) };
  }
}
