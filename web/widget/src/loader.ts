// What websites load: draws the button, and brings the chat itself when somebody opens it. Until then nothing is stored, and
// nothing is sent but the requests for this script and for the channel's look.
import { palette } from './colour';
import { keyOf, type Chat, type Happening, type Identity, type Look, type Stage } from './look';
import { CLOSE, picture, SPEECH } from './view/icons';
import { LAUNCHER } from './view/launcher.css';

declare const __CHAT__: string;

/** `window.Parloir`. */
interface Api {
  /** Opens the chat. */
  open: () => void;
  close: () => void;
  /** Says who is signed in on the page; null when nobody is any more. */
  identify: (identity: Identity | null) => void;
  /** Listens; what is answered stops listening. */
  on: (what: Happening, listener: (detail?: number) => void) => () => void;
}

const OPEN: Record<string, [open: string, close: string, unread: (count: number) => string]> = {
  en: ['Open chat', 'Close chat', (count) => `${count} unread`],
  it: ['Apri la chat', 'Chiudi la chat', (count) => `${count} da leggere`],
  es: ['Abrir el chat', 'Cerrar el chat', (count) => `${count} sin leer`],
  de: ['Chat öffnen', 'Chat schließen', (count) => `${count} ungelesen`],
};

const script = document.currentScript as HTMLScriptElement | null;
const page = window as { Parloir?: Api };
if (!script?.dataset.channel) console.warn('Parloir: the script tag needs data-channel="chn_…".');
else if (page.Parloir) console.warn('Parloir: the chat is on this page already.');
else page.Parloir = begin(script, script.dataset.channel);

function begin(tag: HTMLScriptElement, channel: string): Api {
  const base = new URL('.', tag.src).href;
  const listeners = new Map<Happening, Set<(detail?: number) => void>>();
  const tell = (what: Happening, detail?: number) => {
    for (const listener of listeners.get(what) ?? []) {
      try {
        listener(detail);
      } catch (reason) {
        // The page's own mistake is the page's own: it must not stop the chat.
        setTimeout(() => {
          throw reason;
        });
      }
    }
  };
  let identity: Identity | null | undefined;
  let chat: Promise<Chat> | undefined;
  const stage = bodyIsThere().then(() => draw(tag, base, channel, tell));

  const bring = () =>
    (chat ??= stage.then(async (drawn) => {
      drawn.launcher.ariaBusy = 'true';
      try {
        const { start } = (await import(/* @vite-ignore */ new URL(__CHAT__, base).href)) as { start: (stage: Stage) => Chat };
        const started = start(drawn);
        if (identity !== undefined) started.identify(identity);
        return started;
      } finally {
        drawn.launcher.ariaBusy = null;
      }
    }).catch((reason: unknown) => {
      // Tried again when it is opened again.
      chat = undefined;
      console.warn('Parloir: the chat could not be loaded.', reason);
      throw reason;
    }));
  const quietly = (act: (chat: Chat) => void) => void bring().then(act, () => {});

  const api: Api = {
    open: () => quietly((brought) => brought.open()),
    close: () => void chat?.then((brought) => brought.close(), () => {}),
    identify(given) {
      identity = given;
      // A chat that was never opened stays so, and hears of it when it is.
      void chat?.then((brought) => brought.identify(given), () => {});
    },
    on(what, listener) {
      const all = listeners.get(what) ?? new Set();
      listeners.set(what, all.add(listener));
      return () => void all.delete(listener);
    },
  };
  stage.then(
    (drawn) => {
      drawn.launcher.addEventListener('click', () => (drawn.launcher.ariaExpanded === 'true' ? api.close() : api.open()));
      // Opened before, in this browser: whoever wrote sees that there is an answer.
      if (hasWritten(channel)) quietly(() => {});
    },
    (reason: unknown) => console.warn('Parloir: the chat does not appear. Is this website among the channel’s allowed ones?', reason),
  );
  return api;
}

function bodyIsThere(): Promise<void> {
  return new Promise((there) => (document.body ? there() : document.addEventListener('DOMContentLoaded', () => there(), { once: true })));
}

function hasWritten(channel: string): boolean {
  try {
    return localStorage.getItem(keyOf(channel, 'session')) !== null;
  } catch {
    return false;
  }
}

async function draw(tag: HTMLScriptElement, base: string, channel: string, tell: Stage['tell']): Promise<Stage> {
  const answer = await fetch(`${base}chat/${channel}/look`, { credentials: 'omit', referrerPolicy: 'no-referrer' });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const look = (await answer.json()) as Look;
  const locale = spoken(tag, look);
  const says = OPEN[locale.slice(0, 2).toLowerCase()]!;

  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LAUNCHER);
  root.adoptedStyleSheets = [sheet];
  // Set one by one through the object model, which no Content-Security-Policy forbids.
  for (const [name, value] of Object.entries(palette(look.colour))) host.style.setProperty(name, value);
  host.className = look.position === 'left' ? 'left' : 'right';
  if (tag.dataset.theme) host.dataset.theme = tag.dataset.theme;
  host.lang = locale;

  const launcher = document.createElement('button');
  launcher.type = 'button';
  launcher.className = 'launcher';
  launcher.ariaExpanded = 'false';
  launcher.ariaLabel = says[0];
  const badge = document.createElement('span');
  badge.className = 'badge';
  badge.hidden = true;
  launcher.append(picture(SPEECH, 'speech'), picture(CLOSE, 'cross'), badge);
  root.append(launcher);
  document.body.append(host);

  let known = 0;
  const unread = (count: number) => {
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? '99+' : `${count}`;
    const open = launcher.ariaExpanded === 'true';
    launcher.ariaLabel = open ? says[1] : count > 0 ? `${says[0]}, ${says[2](count)}` : says[0];
    if (count !== known) tell('unread', (known = count));
  };
  return { base, channel, look, locale, root, launcher, unread, tell };
}

/** The channel's language, the script tag's, the page's, the browser's: the first of them that is spoken here. */
function spoken(tag: HTMLScriptElement, look: Look): string {
  const wished = [look.locale, tag.dataset.locale, document.documentElement.lang, ...navigator.languages];
  const language = (wished.find((locale) => locale && locale.slice(0, 2).toLowerCase() in OPEN) ?? 'en').slice(0, 2).toLowerCase();
  // With the visitor's own region, which says how dates and times are written.
  return navigator.languages.find((locale) => locale.slice(0, 2) === language) ?? language;
}
