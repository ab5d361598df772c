import { useCallback, useState, useSyncExternalStore } from 'react';
import { AuthError, type Auth, type AuthState } from 'stagedoor';

const LOADING: AuthState = { status: 'loading' };

/** The state of an `auth`, anew after every change; `loading` where a server renders. */
export function useAuth(auth: Auth): AuthState {
  return useSyncExternalStore(auth.subscribe, () => auth.state, () => LOADING);
}

/** Runs one action at a time: `busy` while it goes on, `error` if it failed. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AuthError | null>(null);
  const run = useCallback(async <T>(action: () => Promise<T>): Promise<T | undefined> => {
    setBusy(true);
    setError(null);
    try {
      return await action();
    } catch (fault) {
      if (!(fault instanceof AuthError)) throw fault;
      setError(fault);
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, error, run };
}
