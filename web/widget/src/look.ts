// What the loader and the chat know of each other, and of the channel.

/** `GET /chat/{channel}/look`. */
export interface Look {
  title: string;
  welcome: string;
  locale: string;
  colour: string;
  position: 'left' | 'right';
  avatar: string;
  pre_chat: { field: 'name' | 'email'; required: boolean }[];
  privacy_url: string;
  consent: { version: string; text: string } | null;
  minimum_age: number | null;
  away: boolean;
  /** RFC 3339. */
  opens_at: string | null;
  challenge: boolean;
  text_limit: number;
  upload_limit: number;
}

/** Who is signed in on the page: a JWT, the older hash, or what brings one of them. */
export type Proof = string | { identifier: string; identifier_hash: string };
export type Identity = Proof | (() => Proof | Promise<Proof>);

export type Happening = 'open' | 'close' | 'unread';

/** What the loader hands to the chat. */
export interface Stage {
  base: string;
  channel: string;
  look: Look;
  locale: string;
  root: ShadowRoot;
  launcher: HTMLButtonElement;
  /** Shows how many messages are unread, and tells whoever listens. */
  unread: (count: number) => void;
  tell: (what: Happening, detail?: number) => void;
}

/** What the chat can be asked. */
export interface Chat {
  open: () => void;
  close: () => void;
  identify: (identity: Identity | null) => void;
}

/** Where the chat keeps what outlives the page. */
export const keyOf = (channel: string, what: string) => `parloir:${channel}:${what}`;
