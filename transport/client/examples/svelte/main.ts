import { mount } from 'svelte';
import { createAuth } from 'stagedoor';
import App from './App.svelte';
import '../page.css';

const auth = createAuth({ url: import.meta.env.VITE_AUTH_URL });
mount(App, { target: document.querySelector('main')!, props: { auth } });
