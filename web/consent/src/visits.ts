/** Pages that were visited, told after consent: the path without what is asked of it, and a name that is another one every day. */
import { chance, tell } from './wire';

const name = (site: string) => `parloir.visit:${site}`;
let seen = '';

export function visited(base: string, workspace: string, site: string): void {
  if (seen === location.pathname) return;
  const from = seen ? '' : elsewhere();
  seen = location.pathname;
  void tell(`${base}p/${workspace}/visits`, { site, path: seen, referrer: from || undefined, device: device(), visitor: visitor(site) });
}

export function forgetVisitor(site: string): void {
  seen = '';
  try {
    localStorage.removeItem(name(site));
  } catch {
    // Nothing was kept.
  }
}

function visitor(site: string): string {
  const day = new Date().toISOString().slice(0, 10);
  try {
    const [of, id] = (localStorage.getItem(name(site)) ?? '').split(' ');
    if (of === day && id) return id;
    const drawn = chance();
    localStorage.setItem(name(site), `${day} ${drawn}`);
    return drawn;
  } catch {
    return chance();
  }
}

/** The host that led here. */
function elsewhere(): string {
  try {
    const { hostname } = new URL(document.referrer);
    return hostname === location.hostname ? '' : hostname;
  } catch {
    return '';
  }
}

function device(): string {
  if (!matchMedia('(pointer:coarse)').matches) return 'desktop';
  return Math.min(innerWidth, innerHeight) < 600 ? 'phone' : 'tablet';
}
