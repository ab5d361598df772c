// The one client of the page. Another script of the page gets the same by
// import(document.body.dataset.app + 'auth.js').
import { createAuth } from './stagedoor.js';
import { page } from './page.js';

export const auth = createAuth({ client: 'browser', mount: page.mount, session: page.session, config: page.config });

// config is what the server has, features what is switched on.
export const config = page.config.data;
export const { features } = config;
