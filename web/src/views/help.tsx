// The keys.
import { Dialog } from '../parts/dialog';

const kKeys: [string, string][] = [
  ['1 2 3 4', 'Overview, Task stream, Futures, Executors'],
  ['/', 'Search futures'],
  ['r', 'Refresh what is shown'],
  ['t', 'Theme: as the system has it, light, dark'],
  ['?', 'These keys'],
  ['p', 'Task stream: pause, resume'],
  ['+ -', 'Task stream: zoom'],
  ['← →', 'Task stream, with the focus: earlier, later'],
  ['↑ ↓ , .', 'Task stream, with the focus: choose a worker, a task'],
  ['Enter', 'Task stream, with the focus: open the chosen task'],
  ['c', 'A future: cancel'],
  ['f', 'A future: follow its log'],
  ['Esc', 'Close a question, let go of a task'],
];

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {kKeys.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
