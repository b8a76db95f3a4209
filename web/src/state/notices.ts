// Notices: what came of what was asked for.
import { signal } from '@preact/signals';
import { messageOf } from '../api/http';

export interface Notice {
  key: number;
  kind: 'good' | 'bad';
  text: string;
}

const kShown = 6_000;
const kMost = 4;

export const notices = signal<Notice[]>([]);
let next = 0;

export function dismiss(key: number): void {
  notices.value = notices.value.filter((notice) => notice.key !== key);
}

function show(kind: Notice['kind'], text: string): void {
  const key = next++;
  notices.value = [...notices.value, { key, kind, text }].slice(-kMost);
  window.setTimeout(() => dismiss(key), kind === 'good' ? kShown : 2 * kShown);
}

export const tell = (text: string): void => show('good', text);
export const tellError = (doing: string, error: unknown): void => show('bad', `${doing}: ${messageOf(error)}`);
