/** Writes `sw.js` beside the page: the worker with the names of all files of this build. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const source = new URL('./worker.js', import.meta.url);
/** Of what is copied as it is, the page shows these; the others are the system's to fetch. */
const BESIDES = /\.(svg|png)$/;

export function worker(): Plugin {
  let besides: string[] = [];
  return {
    name: 'worker',
    apply: 'build',
    configResolved: (config) => {
      besides = readdirSync(config.publicDir).filter((name) => BESIDES.test(name));
    },
    generateBundle(_, bundle) {
      const files = [...Object.keys(bundle).filter((name) => name.startsWith('assets/')), ...besides].sort().map((name) => `./${name}`);
      const script = readFileSync(source, 'utf8');
      // Another version is another set of files, another page around them, or another worker.
      const page = readFileSync('index.html', 'utf8');
      const version = createHash('sha256').update(JSON.stringify([files, script, page])).digest('hex').slice(0, 12);
      const written = script.replace('__FILES__', JSON.stringify(files)).replace('__VERSION__', JSON.stringify(version));
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: written });
    },
  };
}
