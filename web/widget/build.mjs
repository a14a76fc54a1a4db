// Builds the scripts that websites load into dist/: the widget's chat.js, then widget.js, which names the version of it that it
// loads; and consent.js, which is in ../consent. Beside each its compressed form, which the program serves as it is. Fails when one has
// grown past its budget.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const LOADER = 5_000;
const CHAT = 30_000;
const CONSENT = 6_000;
const here = fileURLToPath(new URL('.', import.meta.url));
const dist = `${here}dist`;

rmSync(dist, { recursive: true, force: true });
await bundle('src/chat.ts', 'chat.js', 'es', {});
const version = createHash('sha256').update(readFileSync(`${dist}/chat.js`)).digest('hex').slice(0, 16);
await bundle('src/loader.ts', 'widget.js', 'iife', { __CHAT__: JSON.stringify(`widget/chat.js?v=${version}`) });
await bundle('../consent/src/consent.ts', 'consent.js', 'iife', {});
within('widget.js', LOADER);
within('chat.js', CHAT);
within('consent.js', CONSENT);

async function bundle(entry, name, format, define) {
  await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    define,
    build: {
      outDir: dist,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      copyPublicDir: false,
      modulePreload: false,
      reportCompressedSize: false,
      lib: { entry: `${here}${entry}`, formats: [format], name: 'parloirWidget', fileName: () => name },
      rollupOptions: { output: { exports: format === 'iife' ? 'none' : 'named', extend: false } },
    },
  });
}

function within(name, limit) {
  const packed = gzipSync(readFileSync(`${dist}/${name}`), { level: 9 });
  writeFileSync(`${dist}/${name}.gz`, packed);
  console.log(`${name} ${(packed.length / 1000).toFixed(1)} kB gzipped (may be ${limit / 1000} kB)`);
  if (packed.length > limit) {
    console.error(`${name} is larger than its budget.`);
    process.exitCode = 1;
  }
}
