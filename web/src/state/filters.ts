// What the list of futures shows, as it stands in the address.
import type { FutureState, ListRequest } from '../api/types';

export const kStates: readonly FutureState[] = [
  'FUTURE_STATE_PENDING',
  'FUTURE_STATE_RUNNING',
  'FUTURE_STATE_SUCCEEDED',
  'FUTURE_STATE_FAILED',
  'FUTURE_STATE_CANCELLED',
];

export const kPageSize = 50;

export interface Filters {
  states: FutureState[];
  executor: string;
  // Its whole name.
  fn: string;
  // key=value, with commas between several.
  labels: string;
  // Looked for on the page that is shown.
  search: string;
}

export const nameOf = (state: FutureState): string => state.slice('FUTURE_STATE_'.length).toLowerCase();

export function filtersOf(query: URLSearchParams): Filters {
  const named = (query.get('state') ?? '').split(',');
  return {
    states: kStates.filter((state) => named.includes(nameOf(state))),
    executor: query.get('executor') ?? '',
    fn: query.get('function') ?? '',
    labels: query.get('label') ?? '',
    search: query.get('search') ?? '',
  };
}

export function pathOf(filters: Filters): string {
  const query = new URLSearchParams();
  if (filters.states.length > 0) query.set('state', filters.states.map(nameOf).join(','));
  if (filters.executor) query.set('executor', filters.executor);
  if (filters.fn) query.set('function', filters.fn);
  if (filters.labels) query.set('label', filters.labels);
  if (filters.search) query.set('search', filters.search);
  const text = query.toString();
  return `/futures${text ? `?${text}` : ''}`;
}

function labelsOf(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim()).filter((pair) => pair.includes('='));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()]));
}

export function requestOf(filters: Filters, pageToken: string): ListRequest {
  const labels = labelsOf(filters.labels);
  return {
    pageSize: kPageSize,
    newestFirst: true,
    ...(pageToken ? { pageToken } : {}),
    ...(filters.states.length > 0 ? { states: filters.states } : {}),
    ...(filters.executor ? { executor: filters.executor } : {}),
    ...(filters.fn.trim() ? { function: filters.fn.trim() } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  };
}
