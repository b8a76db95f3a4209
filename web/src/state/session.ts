// Who the page is to the daemon: the token that it was served with, and the caller's own.
import { signal } from '@preact/signals';

const kBearerKey = 'futured.bearer';
const kPlaceholder = '@FUTURED_TOKEN@';

// The login form is shown while this is true.
export const loginNeeded = signal(false);
export const loggedIn = signal(sessionStorage.getItem(kBearerKey) !== null);

let pageToken = tokenOf(document);

function tokenOf(page: Document): string {
  const token = page.querySelector<HTMLMetaElement>('meta[name="futured-token"]')?.content ?? '';
  return token === kPlaceholder ? '' : token;
}

// Reads the page again, as a daemon that was started again has another token. True: it has.
export async function renewPageToken(signal?: AbortSignal): Promise<boolean> {
  const answer = await fetch('/', { cache: 'no-store', ...(signal ? { signal } : {}) });
  if (!answer.ok) return false;
  const token = tokenOf(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  const renewed = token !== '' && token !== pageToken;
  if (renewed) pageToken = token;
  return renewed;
}

export function headers(): Record<string, string> {
  const bearer = sessionStorage.getItem(kBearerKey);
  return {
    ...(pageToken ? { 'X-Futured-Token': pageToken } : {}),
    ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
  };
}

// It is sent from here on; whether the daemon knows it remains to be seen.
export const keepBearer = (bearer: string): void => sessionStorage.setItem(kBearerKey, bearer);

export function logIn(): void {
  loggedIn.value = true;
  loginNeeded.value = false;
}

export function logOut(): void {
  sessionStorage.removeItem(kBearerKey);
  loggedIn.value = false;
  loginNeeded.value = true;
}
