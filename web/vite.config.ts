import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { firstPaint } from './src/worker/first.ts';
import { worker } from './src/worker/plugin.ts';

// Where `npm run dev` finds the API: a running Parloir; `parloir demo` has something to see.
const api = process.env.PARLOIR_API ?? 'http://127.0.0.1:8080';

const first = firstPaint();

export default defineConfig({
  plugins: [svelte(), first, worker()],
  // Relative, so that the server may put the app under any path.
  base: './',
  build: {
    outDir: 'dist',
    target: 'es2022',
    // A data: URL would need its own line in the Content-Security-Policy; every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // For `scripts/budget.mjs`, which takes it away again.
    manifest: true,
    // One file for what is needed at once: fifty small ones would compress worse and ask for more.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', test: first.api.needs }] } } },
  },
  server: { proxy: { '/api': { target: api, changeOrigin: false } } },
  // Components and rune stores are tested as the browser runs them, not as a server would render them.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: { include: ['src/**/*.test.ts', 'widget/src/**/*.test.ts', 'consent/src/**/*.test.ts'], environment: 'node', setupFiles: ['src/text/english.setup.ts'] },
});
