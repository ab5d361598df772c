import { createAuth } from 'http://localhost:8080/_stagedoor/v1/stagedoor.js'; // where your server is
import { bind } from './binding.js';

const auth = createAuth({ url: 'http://localhost:8080' });
bind(auth, document.querySelector('main'));
