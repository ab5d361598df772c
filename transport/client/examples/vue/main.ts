import { createApp } from 'vue';
import { createAuth } from 'stagedoor';
import App from './App.vue';
import '../page.css';

const auth = createAuth({ url: import.meta.env.VITE_AUTH_URL });
createApp(App, { auth }).mount('main');
