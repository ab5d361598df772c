// With the types of a browser: what it has fits.
import { createAuth } from 'stagedoor';

export const auth = createAuth({ storage: localStorage, credentials: navigator.credentials, fetch: window.fetch });
