import { AuthError } from 'stagedoor';

// An `auth` is a store as it is: `$auth` is its state. What is left is what a button needs.

/** Runs one action at a time: `busy` while it goes on, `error` if it failed. */
export function useAction() {
  let busy = $state(false);
  let error = $state.raw<AuthError | null>(null);
  return {
    get busy() { return busy; },
    get error() { return error; },
    async run<T>(action: () => Promise<T>): Promise<T | undefined> {
      busy = true;
      error = null;
      try {
        return await action();
      } catch (fault) {
        if (!(fault instanceof AuthError)) throw fault;
        error = fault;
      } finally {
        busy = false;
      }
    },
  };
}
