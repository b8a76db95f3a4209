// Futures: the newest first, filtered by the daemon, searched on the page.
import { useEffect, useState } from 'preact/hooks';
import { listFutures } from '../api/futured';
import type { Future } from '../api/types';
import { Empty } from '../parts/empty';
import { filtersOf, pathOf, requestOf, type Filters } from '../state/filters';
import { usePoll } from '../state/poll';
import { useShortcut } from '../state/shortcuts';
import { replace, route } from '../state/route';
import { FilterBar } from './future_filters';
import { FutureTable } from './future_table';

function matches(future: Future, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return true;
  const labels = Object.entries(future.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  const error = future.lastError ? [future.lastError.type ?? '', future.lastError.message ?? ''] : [];
  return [future.id, future.function ?? '', future.executor ?? '', ...labels, ...error].some((text) => text.toLowerCase().includes(wanted));
}

export function Futures() {
  const filters = filtersOf(route.value.query);
  const { search: _, ...asked } = filters;
  const key = JSON.stringify(asked);
  // Tokens of the pages before this one, and of this one.
  const [pages, setPages] = useState<string[]>(['']);
  const [live, setLive] = useState(true);
  useEffect(() => setPages(['']), [key]);
  const token = pages[pages.length - 1] ?? '';
  const { value, error, again } = usePoll(`${key} ${token}`, live, (signal) => listFutures(requestOf(filters, token), signal));
  useShortcut('r', again);

  const change = (changed: Partial<Filters>): void => replace(pathOf({ ...filters, ...changed }));
  const shown = (value?.futures ?? []).filter((future) => matches(future, filters.search));
  const next = value?.nextPageToken ?? '';
  return (
    <>
      <div class="head">
        <h1>Futures</h1>
        <div class="controls">
          <label class="check">
            <input type="checkbox" checked={live} onChange={(event) => setLive(event.currentTarget.checked)} /> Refresh by itself
          </label>
          <button type="button" title="r" onClick={again}>
            Refresh
          </button>
        </div>
      </div>
      <FilterBar filters={filters} change={change} />
      {error && (
        <p class="warning panel" role="alert">
          {error}
        </p>
      )}
      {!value && !error && <Empty text="Looking …" />}
      {value && shown.length === 0 && <Empty text="There is no future like that." />}
      {shown.length > 0 && <FutureTable futures={shown} />}
      <nav class="pages" aria-label="Pages">
        <button type="button" disabled={pages.length < 2} onClick={() => setPages(pages.slice(0, -1))}>
          ← Newer
        </button>
        <span class="note">
          Page {pages.length}, {shown.length} shown
        </span>
        <button type="button" disabled={next === ''} onClick={() => setPages([...pages, next])}>
          Older →
        </button>
      </nav>
    </>
  );
}
