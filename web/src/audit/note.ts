/** What a checkpoint says (c2sp.org/tlog-checkpoint). */

/** The newest signed state of the log: how many entries it covers and their root, its number and time, and the witnesses that signed it too. */
export interface SignedLog {
  /** Whose log it is. */
  origin: string;
  entries: number;
  /** In base64. */
  root: string;
  number: number;
  /** In Unix milliseconds. */
  at: number;
  witnesses: string[];
}

/** Null: it is none that can be read. */
export function signedLog(note: string): SignedLog | null {
  const [text = '', signatures = ''] = note.split('\n\n');
  const [origin = '', size, root = '', ...extensions] = text.split('\n');
  const said = (word: string) => Number(extensions.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1));
  const signers = signatures.split('\n').map((line) => line.split(' ')[1]).filter((name) => name !== undefined);
  const signed = { origin, entries: Number(size), root, number: said('number'), at: said('time'), witnesses: signers.filter((name) => name !== origin) };
  return [signed.entries, signed.number, signed.at].every(Number.isSafeInteger) ? signed : null;
}

/** Null: it is no base64. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}
