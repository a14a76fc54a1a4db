// What websites load to ask for consent. Before somebody has chosen, nothing is stored, and nothing is sent but the requests for this
// script and for what it shows. `window.parloirConsent` is all that it adds to the page.
import { forget, keep, kept, type Choice } from './kept';
import { clear, release } from './release';
import { view, type View } from './view';
import { forgetVisitor, visited } from './visits';
import { chance, QUIET, tell, type Banner, type Category, type Way } from './wire';

/** `window.parloirConsent`. */
interface Api {
  /** Opens the preferences. */
  open: () => void;
  /** Whether a category is consented to now. */
  allows: (category: string) => boolean;
  /** Listens to choices, with the categories that are consented to; what is answered stops listening. */
  on: (listener: (granted: string[]) => void) => () => void;
}

const LANGUAGES = ['en', 'it', 'es', 'de'];
/** What Global Privacy Control refuses: being sold, shared and followed (https://w3c.github.io/gpc/). */
const SIGNALLED: Category[] = ['marketing', 'profiling'];

const script = document.currentScript as HTMLScriptElement | null;
const page = window as { parloirConsent?: Api };
if (!script?.dataset.site) console.warn('Parloir: the script tag needs data-site="sit_…".');
else if (page.parloirConsent) console.warn('Parloir: consent is asked for on this page already.');
else page.parloirConsent = begin(script, script.dataset.site);

function begin(tag: HTMLScriptElement, site: string): Api {
  const base = new URL('.', tag.src).href;
  // How it would look: nothing is kept, told or let run.
  const preview = tag.dataset.preview !== undefined;
  const listeners = new Set<(granted: string[]) => void>();
  let granted = new Set<Category>();
  const ready = Promise.all([look(tag, base, site), bodyIsThere()]).then(([banner]) => stand(banner));
  ready.catch((reason: unknown) => console.warn('Parloir: consent cannot be asked for, so nothing optional is loaded. Is this website among the site’s allowed ones?', reason));
  document.addEventListener('click', (event) => {
    if (!(event.target as Element).closest?.('[data-consent-open]')) return;
    event.preventDefault();
    api.open();
  });

  function stand(banner: Banner): View {
    const signal = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
    const asked = banner.categories.map(({ key }) => key).filter((key) => key !== 'necessary');
    const signalled = signal ? asked.filter((key) => SIGNALLED.includes(key)) : [];
    let choice = preview ? null : kept(site, banner.purposes, Date.now());
    if (!choice && !preview) forget(site);

    function take(now: readonly Category[]): void {
      const before = granted;
      granted = new Set(asked.filter((key) => now.includes(key) && !signalled.includes(key)));
      if (preview) return;
      for (const one of banner.categories) {
        if (before.has(one.key) && !granted.has(one.key)) {
          clear(one);
          if (one.key === 'analytics') forgetVisitor(site);
        }
      }
      attend();
      for (const listener of listeners) hear(listener);
    }

    /** To what waits on the page now. */
    function attend(): void {
      release(granted);
      if (banner.analytics && granted.has('analytics')) visited(base, banner.workspace, site);
    }

    const send = async (made: Choice) => {
      const { granted: categories, version, way, visitor } = made;
      if (!(await tell(`${base}p/${banner.workspace}/consent-choices`, { site, version, way, categories, signal: made.signal, visitor }))) return;
      if (choice === made) keep(site, (choice = { ...made, untold: undefined }));
    };

    function decide(wished: Category[], how: Way): void {
      const way = [...granted].some((key) => !wished.includes(key)) ? 'withdraw' : how;
      choice = { granted: wished, version: banner.version, purposes: banner.purposes, way, signal, at: Date.now(), visitor: choice?.visitor ?? chance(), untold: true };
      if (!preview) {
        keep(site, choice);
        void send(choice);
      }
      take(wished);
      shown.hide();
    }

    const policy = `${base}p/${banner.workspace}/cookies?site=${site}&lang=${banner.language}`;
    const shown = view(tag, { banner, policy, signalled, granted: () => granted, open: () => choice === null, decide });
    if (choice) take(choice.granted);
    // Where there is nothing to choose, nobody is asked.
    if (choice || signalled.length === asked.length) shown.hide();
    else shown.show(false);
    if (choice?.untold) void send(choice);
    if (!preview) watch(attend);
    return shown;
  }

  function hear(listener: (granted: string[]) => void): void {
    try {
      listener([...granted]);
    } catch (reason) {
      // The page's own mistake is the page's own: it must not stop a choice.
      setTimeout(() => {
        throw reason;
      });
    }
  }

  const api: Api = {
    open: () => void ready.then((shown) => shown.show(true), () => {}),
    allows: (category) => category === 'necessary' || granted.has(category as Category),
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return api;
}

async function look(tag: HTMLScriptElement, base: string, site: string): Promise<Banner> {
  const answer = await fetch(`${base}consent/${site}?lang=${spoken(tag)}`, QUIET);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()) as Banner;
}

/** The script tag's language, the page's, the browser's: the first of them that is spoken here. */
function spoken(tag: HTMLScriptElement): string {
  const wished = [tag.dataset.locale, document.documentElement.lang, ...navigator.languages].map((one) => one?.slice(0, 2).toLowerCase());
  return wished.find((one) => one && LANGUAGES.includes(one)) ?? 'en';
}

function bodyIsThere(): Promise<void> {
  return new Promise((there) => (document.readyState === 'loading' ? document.addEventListener('DOMContentLoaded', () => there(), { once: true }) : there()));
}

/** What comes onto the page later waits for consent, too; and another address within it is another page. */
function watch(changed: () => void): void {
  const waits = (node: Node) => node instanceof Element && (node.matches('[data-consent]') || node.querySelector('[data-consent]') !== null);
  new MutationObserver((all) => {
    if (all.some(({ addedNodes }) => [...addedNodes].some(waits))) changed();
  }).observe(document.documentElement, { childList: true, subtree: true });
  (window as { navigation?: EventTarget }).navigation?.addEventListener('currententrychange', changed);
}
