// Filters and search of the list of futures.
import { useRef, useState } from 'preact/hooks';
import { figures } from '../state/figures';
import { kStates, nameOf, type Filters } from '../state/filters';
import { futurePath, go } from '../state/route';
import { useShortcut } from '../state/shortcuts';
import type { FutureState } from '../api/types';

const kUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

interface Properties {
  filters: Filters;
  change: (changed: Partial<Filters>) => void;
}

export function FilterBar({ filters, change }: Properties) {
  const search = useRef<HTMLInputElement>(null);
  useShortcut('/', () => search.current?.focus());
  const executors = figures.value?.executors.map((executor) => executor.name) ?? [];
  const toggle = (state: FutureState): void => {
    const has = filters.states.includes(state);
    change({ states: has ? filters.states.filter((other) => other !== state) : [...filters.states, state] });
  };
  return (
    <form class="filters panel" role="search" onSubmit={(event) => event.preventDefault()}>
      <div class="group states" role="group" aria-label="States">
        {kStates.map((state) => (
          <button key={state} type="button" aria-pressed={filters.states.includes(state)} onClick={() => toggle(state)}>
            {nameOf(state)}
          </button>
        ))}
      </div>
      <select aria-label="Executor" value={filters.executor} onChange={(event) => change({ executor: event.currentTarget.value })}>
        <option value="">All executors</option>
        {[...new Set([...executors, ...(filters.executor ? [filters.executor] : [])])].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <Text name="Function" hint="function" value={filters.fn} change={(fn) => change({ fn })} />
      <Text name="Labels" hint="label=value, …" value={filters.labels} change={(labels) => change({ labels })} />
      <input
        ref={search}
        type="search"
        aria-label="Search this page, or go to an ID"
        placeholder="Search, or an ID  ( / )"
        value={filters.search}
        onInput={(event) => {
          const text = event.currentTarget.value.trim();
          if (kUuid.test(text)) go(futurePath(text.toLowerCase()));
          else change({ search: event.currentTarget.value });
        }}
      />
    </form>
  );
}

// Asks the daemon only for what was written to its end.
function Text({ name, hint, value, change }: { name: string; hint: string; value: string; change: (value: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const finish = (): void => {
    if (typed !== null && typed !== value) change(typed);
    setTyped(null);
  };
  return (
    <input
      type="text"
      aria-label={name}
      placeholder={hint}
      value={typed ?? value}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && finish()}
      onBlur={finish}
    />
  );
}
