// Requests to the daemon, with what it asks of a page: its token, and the caller's own where identities are configured.
import { headers, loginNeeded, renewPageToken } from '../state/session';

export class CallError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'CallError';
  }
}

// A message for people, of anything that was thrown.
export function messageOf(error: unknown): string {
  if (error instanceof CallError) return error.message;
  if (error instanceof TypeError) return 'The daemon does not answer.';
  return error instanceof Error ? error.message : String(error);
}

async function errorOf(answer: Response): Promise<CallError> {
  const text = await answer.text();
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) {
      return new CallError(answer.status, String(parsed.message));
    }
  } catch {
    // No JSON: a proxy's page, perhaps.
  }
  return new CallError(answer.status, `The answer is ${answer.status} ${answer.statusText}`);
}

// Throws CallError for any answer but 2xx, and TypeError where there is none.
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const send = (): Promise<Response> =>
    fetch(path, {
      ...init,
      headers: { ...(init.headers as Record<string, string> | undefined), ...headers() },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
  let answer = await send();
  if (answer.status === 403 && (await renewPageToken(init.signal ?? undefined))) answer = await send();
  if (answer.ok) return answer;
  if (answer.status === 401) loginNeeded.value = true;
  throw await errorOf(answer);
}

export async function call<Response>(method: string, message: object, signal?: AbortSignal): Promise<Response> {
  const answer = await request(`/v1/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(message),
    ...(signal ? { signal } : {}),
  });
  return (await answer.json()) as Response;
}
