import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Keeps an app's tokens in a file that only its owner can read. It is replaced as a whole:
 * a program that is ended while it writes leaves the old one.
 * @param {string} path
 * @returns {import('stagedoor').TokenStorage}
 */
export function fileStorage(path) {
  /** @returns {Promise<Record<string, string>>} */
  async function all() {
    try {
      return JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {};
      throw error;
    }
  }
  /** @param {Record<string, string>} values */
  async function write(values) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, JSON.stringify(values), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
  return {
    getItem: async (key) => (await all())[key] ?? null,
    setItem: async (key, value) => write({ ...await all(), [key]: value }),
    removeItem: async (key) => {
      const { [key]: _, ...rest } = await all();
      await write(rest);
    },
  };
}
