/** What the program answers about a site, and what it is told. */

/** What is asked about; `necessary` is not. */
export type Category = 'necessary' | 'functional' | 'analytics' | 'marketing' | 'profiling';
/** How a choice came about. */
export type Way = 'accept' | 'reject' | 'choose' | 'close' | 'withdraw';

export interface Cookie {
  name: string;
  provider: string;
  purpose: string;
  duration: string;
}

export interface Asked {
  key: Category;
  name: string;
  text: string;
  cookies: Cookie[];
}

type Word = 'title' | 'text' | 'accept' | 'reject' | 'preferences' | 'save' | 'close' | 'back' | 'signal' | 'again' | 'policy' | 'privacy' | 'provider' | 'purpose' | 'duration' | 'cookies';

/** What a site shows, in the language that was asked for. */
export interface Banner {
  workspace: string;
  language: string;
  /** Of all that is shown, in all languages. */
  version: string;
  /** Of what is asked for: with another one it is asked anew. */
  purposes: string;
  /** Whether pages are counted here, by consent. */
  analytics: boolean;
  privacy_url: string | null;
  words: Record<Word, string>;
  categories: Asked[];
}

/** Cookies are never sent along, and of the page no more than its origin, which the program has to know. */
export const QUIET: RequestInit = { credentials: 'omit', referrerPolicy: 'no-referrer' };

/** Tells the program; whether it was heard. Without a type of its own the request needs no other one before it. */
export async function tell(address: string, what: unknown): Promise<boolean> {
  try {
    return (await fetch(address, { ...QUIET, method: 'POST', keepalive: true, body: JSON.stringify(what) })).ok;
  } catch {
    return false;
  }
}

/** Sixteen bytes of chance. */
export function chance(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
