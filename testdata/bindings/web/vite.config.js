import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

// One build of the examples' pages. React's needs no plugin: tsconfig.json says what JSX is.
export default defineConfig({
  root: 'examples',
  plugins: [vue(), svelte({ configFile: false })],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    rolldownOptions: { input: Object.fromEntries(['react', 'vue', 'svelte'].map((name) => [name, `examples/${name}/index.html`])) },
  },
});
