// Where the inspector stands: beside the app of a development server, or at the operators' path
// of one in production, where it shows a token.

// base is what its requests begin with: /dev/ or the operators' mount, of which this file is below.
const base = new URL('../', import.meta.url).pathname;

const kept = 'stagedoor.inspector.token'; // for this tab alone, and until it is closed
let token = sessionStorage.getItem(kept);

// token of the operators, or nothing.
export const shows = () => Boolean(token);
export function show(given) {
  token = given;
  if (given) sessionStorage.setItem(kept, given);
  else sessionStorage.removeItem(kept);
}

// ask makes a request of the inspector's own, which the app's have nothing to do with.
export async function ask(path, { headers = {}, ...init } = {}) {
  return fetch(base + path, { cache: 'no-store', ...init, headers: { ...headers, ...(token && { Authorization: `Bearer ${token}` }) } });
}

// address is where the browser itself goes, with no header of ours.
export const address = (path) => base + path;

// look asks for JSON; undefined where the server does not answer or refuses.
export async function look(path) {
  try {
    const response = await ask(path);
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined; // it is gone, and may come back
  }
}

// every calls back now and then again, as long as somebody may see it. It returns what calls
// back at once.
export function every(ms, f) {
  let timer;
  let busy = false;
  const now = async () => {
    clearTimeout(timer);
    if (busy) return;
    busy = true;
    await f();
    busy = false;
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(now, ms);
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : now()));
  now();
  return now;
}
