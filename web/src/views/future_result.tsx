// How a future ended: its value, or its error with the traceback and what caused it.
import type { Future, TaskError } from '../api/types';
import { Text } from '../parts/text';
import { valueText } from '../parts/values';

const kDeepest = 16;

export function Result({ future }: { future: Future }) {
  const { outcome, lastError } = future;
  if (outcome?.value) {
    return (
      <section class="panel" aria-labelledby="result">
        <h2 id="result">Value</h2>
        <Text text={valueText(outcome.value)} />
      </section>
    );
  }
  const error = outcome?.error ?? (outcome?.cancelled ? undefined : lastError);
  if (!error) return null;
  return (
    <section class="panel error-panel" aria-labelledby="result">
      <h2 id="result">{outcome?.error ? 'Error' : 'Error of the last attempt'}</h2>
      <ErrorText error={error} depth={0} />
    </section>
  );
}

function ErrorText({ error, depth }: { error: TaskError; depth: number }) {
  const origin = (error.origin ?? '').replace('ERROR_ORIGIN_', '').toLowerCase();
  const where = [origin && `origin: ${origin}`, error.attempt && `attempt ${error.attempt}`, error.worker && `on ${error.worker}`];
  return (
    <>
      <p class="error-head">
        <bdi>
          <b>{error.type}</b>: {(error.message ?? '').slice(0, 4_000)}
        </bdi>
      </p>
      <p class="note">{where.filter(Boolean).join(', ')}</p>
      {error.traceback && <Text text={error.traceback} kind="traceback" />}
      {error.cause && depth < kDeepest && (
        <>
          <h3>Caused by</h3>
          <ErrorText error={error.cause} depth={depth + 1} />
        </>
      )}
    </>
  );
}
