/** Whether the audit log is what was signed, and grew out of what this browser verified before. */
import type { SignedLog } from './note';
import { bytesOf } from './note';
import { Tiles, Unreadable, type ReadTile } from './tiles';
import { consistency, consistent, included, inclusion, leafHash, type Hash } from './tree';

/** A checkpoint that was verified: what the next one has to have grown out of. */
export type Verified = Pick<SignedLog, 'entries' | 'root' | 'number' | 'at'>;

/**
 * Why it does not verify: it covers less than before; what was verified is no longer its beginning; its newest entry does not lead to
 * its root; or it cannot be read.
 */
export type Wrong = 'shorter' | 'changed' | 'entry' | 'unreadable';

export type Verdict = { wrong: null; log: Verified; before: Verified | null } | { wrong: Wrong; log: Verified; before: Verified | null };

/** The number and the time of an entry stand in its leaf behind the form of it; older leaves are hashes alone. */
const FORM = 2;
const LEAF = 49;

/** Throws what `read` throws: then nothing is known, good or bad. */
export async function verify(log: SignedLog, origin: string, before: Verified | null, read: ReadTile): Promise<Verdict> {
  const kept = { entries: log.entries, root: log.root, number: log.number, at: log.at };
  return { wrong: await wrong(log, origin, before, read).catch(unreadable), log: kept, before };
}

async function wrong(log: SignedLog, origin: string, before: Verified | null, read: ReadTile): Promise<Wrong | null> {
  const root = hash(log.root);
  if (log.origin !== origin || log.entries < 1 || !root) return 'unreadable';
  if (before && log.entries < before.entries) return 'shorter';
  const now = { size: log.entries, root };
  const tiles = new Tiles(log.entries, read);
  if (before && !(await grew(before, now, tiles))) return 'changed';
  return (await leads(now, tiles)) ? null : 'entry';
}

/** Whether what was verified before is the beginning of what is there now. */
async function grew(before: Verified, now: { size: number; root: Hash }, tiles: Tiles): Promise<boolean> {
  const root = hash(before.root);
  const proof = await Promise.all(consistency(before.entries, now.size).map((stretch) => tiles.root(stretch)));
  return root !== null && consistent({ size: before.entries, root }, now, proof);
}

/** Whether the newest entry that is covered is there under its number, and leads to the root. */
async function leads({ size, root }: { size: number; root: Hash }, tiles: Tiles): Promise<boolean> {
  const leaf = await tiles.leaf(size - 1);
  if (leaf.length === LEAF && (leaf[0] !== FORM || numberIn(leaf) !== BigInt(size))) return false;
  const path = await Promise.all(inclusion(size - 1, size).map((stretch) => tiles.root(stretch)));
  const found = await included(size - 1, size, await leafHash(leaf), path);
  return found !== null && found.every((byte, at) => byte === root[at]);
}

const numberIn = (leaf: Uint8Array) => new DataView(leaf.buffer, leaf.byteOffset).getBigUint64(1);

function hash(base64: string): Hash | null {
  const bytes = bytesOf(base64);
  return bytes?.length === 32 ? bytes : null;
}

function unreadable(reason: unknown): Wrong {
  if (reason instanceof Unreadable) return 'unreadable';
  throw reason;
}
