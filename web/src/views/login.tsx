// The token of a caller, where the daemon asks who is calling.
import { useState } from 'preact/hooks';
import { listExecutors } from '../api/futured';
import { CallError, messageOf } from '../api/http';
import { keepBearer, logIn, logOut } from '../state/session';

export function Login() {
  const [token, setToken] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
    setError('');
    keepBearer(token.trim());
    try {
      await listExecutors();
      return logIn();
    } catch (failure) {
      // One who may not list executors is known all the same.
      if (failure instanceof CallError && failure.status === 403) return logIn();
      logOut();
      setError(failure instanceof CallError && failure.status === 401 ? 'The daemon does not know this token.' : messageOf(failure));
    }
    setBusy(false);
  };
  return (
    <main class="login">
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>futured</h1>
        <p>This daemon asks who is calling.</p>
        <label>
          Token
          <input
            type="password"
            name="token"
            autocomplete="off"
            required
            autofocus
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
            aria-describedby="login-error"
          />
        </label>
        <p id="login-error" class="error" role="alert">
          {error}
        </p>
        <button type="submit" class="primary" disabled={busy || token.trim() === ''}>
          Log in
        </button>
        <p class="note">It is kept until this tab is closed. futuredctl token makes one.</p>
      </form>
    </main>
  );
}
