import { onScopeDispose, shallowReadonly, shallowRef, type ShallowRef } from 'vue';
import { AuthError, type Auth, type AuthState } from 'stagedoor';

/** The state of an `auth`, for as long as the component lives. */
export function useAuth(auth: Auth): Readonly<ShallowRef<AuthState>> {
  const state = shallowRef(auth.state);
  onScopeDispose(auth.subscribe((now) => { state.value = now; }));
  return shallowReadonly(state);
}

/** Runs one action at a time: `busy` while it goes on, `error` if it failed. */
export function useAction() {
  const busy = shallowRef(false);
  const error = shallowRef<AuthError | null>(null);
  async function run<T>(action: () => Promise<T>): Promise<T | undefined> {
    busy.value = true;
    error.value = null;
    try {
      return await action();
    } catch (fault) {
      if (!(fault instanceof AuthError)) throw fault;
      error.value = fault;
    } finally {
      busy.value = false;
    }
  }
  return { busy, error, run };
}
