// Keys that do something wherever the focus is, but in fields that take text.
import { useLayoutEffect, useRef } from 'preact/hooks';

type Action = () => void;

const actions = new Map<string, Action[]>();

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable);

window.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isField(event.target)) return;
  if (document.querySelector('dialog[open]')) return;
  const action = actions.get(event.key)?.at(-1);
  if (!action) return;
  event.preventDefault();
  action();
});

// Nothing happens to the action of the same key elsewhere while this one is there, but it waits.
export function addShortcut(key: string, action: Action): () => void {
  const known = actions.get(key) ?? [];
  known.push(action);
  actions.set(key, known);
  return () => {
    known.splice(known.indexOf(action), 1);
  };
}

export function useShortcut(key: string, action: Action): void {
  const last = useRef(action);
  last.current = action;
  // Before it is painted: whoever sees a button may press its key.
  useLayoutEffect(() => addShortcut(key, () => last.current()), [key]);
}
