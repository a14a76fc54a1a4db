/** Knows which modules the first paint needs: what the page's script imports, and what that imports, but nothing that is only loaded when it is opened. */
import type { Plugin } from 'vite';

export function firstPaint(): Plugin & { api: { needs: (id: string) => boolean } } {
  const needed = new Set<string>();
  return {
    name: 'first-paint',
    apply: 'build',
    api: { needs: (id) => needed.has(id) },
    buildEnd() {
      const entries = [...this.getModuleIds()].filter((id) => this.getModuleInfo(id)?.isEntry);
      const walk = (id: string) => {
        if (needed.has(id)) return;
        needed.add(id);
        for (const next of this.getModuleInfo(id)?.importedIds ?? []) walk(next);
      };
      entries.forEach(walk);
    },
  };
}
