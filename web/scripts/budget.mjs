// Fails the build when the app has grown past what its first paint may cost.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = 120_000;
const assets = new URL('../dist/assets/', import.meta.url);
const sizeOf = (ending) =>
  readdirSync(assets).filter((name) => name.endsWith(ending)).reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, assets))).length, 0);

const script = sizeOf('.js');
console.log(`script ${(script / 1000).toFixed(1)} kB, style ${(sizeOf('.css') / 1000).toFixed(1)} kB, gzipped (script may be ${LIMIT / 1000} kB)`);
if (script > LIMIT) {
  console.error('The script is larger than its budget.');
  process.exit(1);
}
