// Fails the build when what the inbox needs before it can be shown has grown past what a first paint may cost: the page's script with
// everything it imports at once, and the words of one language, the largest.
import { readFileSync, rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = 100_000;
const dist = new URL('../dist/', import.meta.url);
const known = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
// The browser asks for none of this; the program need not carry it.
rmSync(new URL('.vite', dist), { recursive: true });

const size = (file) => gzipSync(readFileSync(new URL(file, dist))).length;
const isWords = (name) => /^src\/text\/\w+\/index\.ts$/.test(name);

function reached(names) {
  const found = new Set();
  const walk = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const next of known[name].imports ?? []) walk(next);
  };
  names.forEach(walk);
  return found;
}

const scripts = [...readFileSync(new URL('index.html', dist), 'utf8').matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);
const first = reached(Object.keys(known).filter((name) => scripts.includes(known[name].file)));
if (first.size === 0) throw new Error('The page names no script.');
const words = Object.keys(known).filter(isWords).map((name) => [...reached([name])].filter((one) => !first.has(one)).reduce((sum, one) => sum + size(known[one].file), 0));
if (words.length < 2) throw new Error('The languages are not files of their own.');
const script = [...first].reduce((sum, name) => sum + size(known[name].file), 0) + Math.max(...words);
const style = [...new Set([...first].flatMap((name) => known[name].css ?? []))].reduce((sum, file) => sum + size(file), 0);
const all = [...new Set(Object.values(known).map((chunk) => chunk.file))].filter((file) => file.endsWith('.js')).reduce((sum, file) => sum + size(file), 0);

const kilo = (bytes) => (bytes / 1000).toFixed(1);
console.log(`first paint: script ${kilo(script)} kB (${kilo(Math.max(...words))} kB of it words; may be ${kilo(LIMIT)} kB), style ${kilo(style)} kB; all script ${kilo(all)} kB; gzipped`);
if (script > LIMIT) {
  console.error('The first paint needs more script than its budget.');
  process.exit(1);
}
