import type { TokenStorage } from 'stagedoor';

/** What expo-secure-store has. */
interface SecureStore {
  getItemAsync(key: string): Promise<string | null>;
  setItemAsync(key: string, value: string): Promise<void>;
  deleteItemAsync(key: string): Promise<void>;
}

/**
 * Keeps tokens in the keychain of the telephone: `secure(await import('expo-secure-store'))`.
 * Names may have letters, digits, dots, dashes and underscores there, and the library's are URLs.
 */
export function secure(store: SecureStore): TokenStorage {
  const name = (key: string) => key.replace(/[^\w.-]+/g, '_');
  return {
    getItem: (key) => store.getItemAsync(name(key)),
    setItem: (key, value) => store.setItemAsync(name(key), value),
    removeItem: (key) => store.deleteItemAsync(name(key)),
  };
}
