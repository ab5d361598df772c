import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createAuth } from 'stagedoor';
import { App } from './App';
import '../page.css';

const auth = createAuth({ url: import.meta.env.VITE_AUTH_URL });
createRoot(document.querySelector('main')!).render(<StrictMode><App auth={auth} /></StrictMode>);
