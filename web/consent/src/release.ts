/**
 * What waits for consent on the page: `<script type="text/plain" data-consent="analytics">`, and whatever else has `data-consent-src` in place of
 * `src`. Several categories, separated by spaces, are all needed.
 */
import type { Asked, Category } from './wire';

export function release(granted: ReadonlySet<Category>): void {
  for (const one of document.querySelectorAll<HTMLElement>('[data-consent]')) {
    const allowed = one.dataset.consent!.split(/\s+/).every((category) => granted.has(category as Category));
    const source = one.dataset.consentSrc;
    if (one instanceof HTMLScriptElement) {
      if (allowed && one.type === 'text/plain') run(one);
    } else if (source && allowed !== (one.getAttribute('src') === source)) {
      // What is shown already is taken away again, as far as a page can do so.
      if (allowed) one.setAttribute('src', source);
      else if (one.getAttribute('src')) one.setAttribute('src', 'about:blank');
    }
  }
}

/** The element itself is put where it was: so it has its nonce, and text or address that nobody needs to be trusted for. */
function run(script: HTMLScriptElement): void {
  const { parentNode, nextSibling } = script;
  script.remove();
  script.type = script.dataset.consentType ?? '';
  // In the order of the page, as scripts of a page are run.
  if (!script.hasAttribute('async')) script.async = false;
  parentNode?.insertBefore(script, nextSibling);
}

/** Takes away what a category is declared to keep here. A name that ends in `*` is the beginning of many. */
export function clear({ cookies }: Asked): void {
  const names = [...document.cookie.split('; ').map((one) => one.split('=')[0]!), ...keys()];
  for (const { name } of cookies) {
    const meant = (one: string) => (name.endsWith('*') ? one.startsWith(name.slice(0, -1)) : one === name);
    for (const one of names.filter(meant)) expire(one);
  }
}

function keys(): string[] {
  try {
    return [...Object.keys(localStorage), ...Object.keys(sessionStorage)];
  } catch {
    return [];
  }
}

function expire(name: string): void {
  const parts = location.hostname.split('.');
  const domains = ['', ...parts.map((_, at) => `;domain=${parts.slice(at).join('.')}`)];
  for (const domain of domains) document.cookie = `${name}=;max-age=0;path=/${domain}`;
  try {
    localStorage.removeItem(name);
    sessionStorage.removeItem(name);
  } catch {
    // Nothing can be kept there.
  }
}
