// The state of a future or an executor, by a word and a colour.
import { stateName } from './format';
import type { ExecutorState, FutureState } from '../api/types';

export function Badge({ state }: { state: FutureState | ExecutorState }) {
  const name = stateName(state);
  return <span class={`badge state-${name}`}>{name}</span>;
}
