// The page: navigation, the view of the address, notices.
import { useEffect, useState } from 'preact/hooks';
import { Header } from './views/header';
import { Help } from './views/help';
import { Login } from './views/login';
import { Notices } from './views/notices';
import { Overview } from './views/overview';
import { Tasks } from './views/tasks';
import { Futures } from './views/futures';
import { FuturePage } from './views/future';
import { Executors } from './views/executors';
import { Empty } from './parts/empty';
import { figuresStream } from './state/figures';
import { StreamNote } from './parts/stream_note';
import { loginNeeded } from './state/session';
import { go, route } from './state/route';
import { useShortcut } from './state/shortcuts';
import { nextChoice } from './state/theme';

const kTitles = {
  overview: 'Overview',
  tasks: 'Task stream',
  futures: 'Futures',
  future: 'Future',
  executors: 'Executors',
  unknown: 'Not found',
};

export function App() {
  const [help, showHelp] = useState(false);
  const { view, id } = route.value;
  useShortcut('1', () => go('/'));
  useShortcut('2', () => go('/tasks'));
  useShortcut('3', () => go('/futures'));
  useShortcut('4', () => go('/executors'));
  useShortcut('t', nextChoice);
  useShortcut('?', () => showHelp(true));
  useEffect(() => {
    document.title = `${kTitles[view]} · futured`;
  }, [view]);
  if (loginNeeded.value) return <Login />;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <Header view={view} onHelp={() => showHelp(true)} />
      <main id="main" tabIndex={-1}>
        {view === 'overview' && <StreamNote status={figuresStream.status} />}
        <View view={view} id={id} />
      </main>
      <Notices />
      {help && <Help onClose={() => showHelp(false)} />}
    </>
  );
}

// The address is the view's; the focus moves without it.
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function View({ view, id }: { view: keyof typeof kTitles; id: string }) {
  switch (view) {
    case 'overview':
      return <Overview />;
    case 'tasks':
      return <Tasks />;
    case 'futures':
      return <Futures />;
    case 'future':
      return <FuturePage key={id} id={id} />;
    case 'executors':
      return <Executors />;
    default:
      return <Empty text="There is no such view." />;
  }
}
