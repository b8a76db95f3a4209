// Where the page is: #/, #/tasks, #/futures?state=failed, #/futures/ID, #/executors.
import { signal } from '@preact/signals';

export interface Route {
  view: 'overview' | 'tasks' | 'futures' | 'future' | 'executors' | 'unknown';
  // Of `future`.
  id: string;
  query: URLSearchParams;
}

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '');
  const route = (view: Route['view'], id = ''): Route => ({ view, id, query: new URLSearchParams(query) });
  if (parts.length === 0) return route('overview');
  if (parts.length === 2 && parts[0] === 'futures') return route('future', parts[1]);
  if (parts.length === 1 && (parts[0] === 'tasks' || parts[0] === 'futures' || parts[0] === 'executors')) {
    return route(parts[0]);
  }
  return route('unknown');
}

export const route = signal(parse(location.hash));
window.addEventListener('hashchange', () => (route.value = parse(location.hash)));

export function go(path: string): void {
  location.hash = `#${path}`;
}

// As `go`, without a step in the history.
export function replace(path: string): void {
  history.replaceState(null, '', `#${path}`);
  route.value = parse(location.hash);
}

export const futurePath = (id: string): string => `/futures/${encodeURIComponent(id)}`;
