// Navigation, whether the daemon is there, theme.
import { figures, figuresStream } from '../state/figures';
import { loggedIn, logOut } from '../state/session';
import { choice, nextChoice } from '../state/theme';
import { seconds } from '../parts/format';
import type { Route } from '../state/route';
import type { LiveState } from '../api/live';

const kViews: { view: Route['view']; path: string; name: string }[] = [
  { view: 'overview', path: '#/', name: 'Overview' },
  { view: 'tasks', path: '#/tasks', name: 'Tasks' },
  { view: 'futures', path: '#/futures', name: 'Futures' },
  { view: 'executors', path: '#/executors', name: 'Executors' },
];

const kThemes = { auto: '◐', light: '☀', dark: '☾' };

export function Header({ view, onHelp }: { view: Route['view']; onHelp: () => void }) {
  const current = view === 'future' ? 'futures' : view;
  return (
    <header>
      <a class="brand" href="#/">
        <img src="/assets/icon.svg" alt="" width={22} height={22} /> futured
      </a>
      <nav aria-label="Views">
        {kViews.map(({ view: one, path, name }) => (
          <a key={one} href={path} {...(one === current ? { 'aria-current': 'page' as const } : {})}>
            {name}
          </a>
        ))}
      </nav>
      <Connection />
      <button type="button" class="icon" aria-label={`Theme: ${choice.value}`} title={`Theme: ${choice.value} (t)`} onClick={nextChoice}>
        {kThemes[choice.value]}
      </button>
      <button type="button" class="icon" aria-label="Keys" title="Keys (?)" onClick={onHelp}>
        ?
      </button>
      {loggedIn.value && (
        <button type="button" onClick={logOut}>
          Log out
        </button>
      )}
    </header>
  );
}

const kTexts: Record<LiveState, string> = {
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Reconnecting',
  refused: 'Refused',
  hidden: 'Resting',
  ended: 'Ended',
};

function Connection() {
  const { state, reason } = figuresStream.status.value;
  const now = figures.value;
  const draining = state === 'live' && now?.gauges.draining;
  const version = now?.version ? `futured ${now.version}, up ${seconds(now.uptimeSeconds ?? 0)}` : '';
  return (
    <span class={`connection connection-${draining ? 'draining' : state}`} role="status" title={reason || version}>
      {draining ? 'Draining' : kTexts[state]}
    </span>
  );
}
