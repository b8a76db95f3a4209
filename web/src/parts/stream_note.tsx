// Why a stream does not tell anything at this moment.
import type { ReadonlySignal } from '@preact/signals';
import type { LiveStatus } from '../api/live';

export function StreamNote({ status }: { status: ReadonlySignal<LiveStatus> }) {
  const { state, reason } = status.value;
  if (state !== 'waiting' && state !== 'refused') return null;
  return (
    <p class="warning panel" role="status">
      {state === 'refused' ? 'Refused' : 'Not connected; trying again'}: {reason}
    </p>
  );
}
