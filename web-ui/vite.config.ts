import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** While the page is being worked on, `npm run dev` shows it over the API of a gateway that runs on this machine. */
const GATEWAY = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  build: { target: 'chrome103', assetsInlineLimit: 0, modulePreload: { polyfill: false }, rollupOptions: { input: ['index.html', 'reference.html'] } },
  server: { proxy: { '/api': GATEWAY } },
  test: { include: ['tests/**/*.test.ts'], css: true },
});
