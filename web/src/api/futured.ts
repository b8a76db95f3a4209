// The daemon's calls that the page makes.
import { call } from './http';
import type {
  CancelMode,
  CancelResponse,
  Executor,
  ForgetResponse,
  Future,
  ListRequest,
  ListResponse,
} from './types';

export const listFutures = (request: ListRequest, signal?: AbortSignal): Promise<ListResponse> =>
  call('FutureService/List', request, signal);

// Nothing: there is none, or it is forgotten.
export async function getFuture(id: string, signal?: AbortSignal): Promise<Future | undefined> {
  const message = { ids: [id], outcomes: true, withArguments: true };
  const answer = await call<{ futures?: Future[] }>('FutureService/Get', message, signal);
  return answer.futures?.[0];
}

// `grace`: in seconds.
export async function cancelFuture(id: string, mode: CancelMode, grace: number): Promise<string> {
  const message = { ids: [id], mode, ...(mode === 'CANCEL_MODE_FORCE' ? { grace: `${grace}s` } : {}) };
  const answer = await call<CancelResponse>('FutureService/Cancel', message);
  return answer.effects?.[0] ?? 'CANCEL_EFFECT_UNSPECIFIED';
}

// The ID of the new future.
export const retryFuture = async (id: string): Promise<string> =>
  (await call<{ id: string }>('FutureService/Retry', { id })).id;

export const forgetFuture = (id: string): Promise<ForgetResponse> => call('FutureService/Forget', { ids: [id] });

export const listExecutors = async (signal?: AbortSignal): Promise<Executor[]> =>
  (await call<{ executors?: Executor[] }>('ExecutorService/List', {}, signal)).executors ?? [];

export type ExecutorVerb = 'Pause' | 'Resume' | 'Drain';

export const changeExecutor = (verb: ExecutorVerb, name: string): Promise<unknown> =>
  call(`ExecutorService/${verb}`, { name });
