// ALTCHA's proof of work, version 2: tries counters until the key that PBKDF2 derives from one begins as it must. The work is
// done by the browser's own cryptography, off the page's thread.

export interface Challenge {
  parameters: { algorithm: string; cost: number; nonce: string; salt: string; keyLength: number; keyPrefix: string; expiresAt: number };
  signature: string;
}

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hexOf = (buffer: ArrayBuffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** How many counters are tried at once. */
const AT_ONCE = 16;

/** The payload that proves the work; null if none was found among the first `most` counters. */
export async function solve(challenge: Challenge, most = 20_000): Promise<string | null> {
  const { algorithm, cost, nonce, salt, keyLength, keyPrefix } = challenge.parameters;
  if (algorithm !== 'PBKDF2/SHA-256') throw new Error(`The challenge is of another kind: ${algorithm}`);
  const [random, salted] = [bytes(nonce), bytes(salt)];
  const derive = async (counter: number) => {
    const password = new Uint8Array(random.length + 4);
    password.set(random);
    new DataView(password.buffer).setUint32(random.length, counter);
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
    return hexOf(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: salted, iterations: cost }, key, keyLength * 8));
  };
  for (let from = 0; from < most; from += AT_ONCE) {
    const keys = await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => derive(from + at)));
    const found = keys.findIndex((key) => key.startsWith(keyPrefix));
    if (found >= 0) return btoa(JSON.stringify({ challenge, solution: { counter: from + found, derivedKey: keys[found] } }));
  }
  return null;
}
