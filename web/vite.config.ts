import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` finds the API: a running Parloir; `parloir demo` has something to see.
const api = process.env.PARLOIR_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  // Relative, so that the server may put the app under any path.
  base: './',
  build: {
    outDir: 'dist',
    target: 'es2022',
    // A data: URL would need its own line in the Content-Security-Policy; every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': { target: api, changeOrigin: false } } },
  // Components and rune stores are tested as the browser runs them, not as a server would render them.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
