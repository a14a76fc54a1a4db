/** The Merkle tree of RFC 6962 (section 2.1) and the proofs about it, verified as RFC 9162 says. All of it is SHA-256. */

export type Hash = Uint8Array<ArrayBuffer>;

/** Leaves in order, counted from 0: the first, and the one after the last. */
export type Stretch = readonly [from: number, end: number];

export async function sha256(...parts: Uint8Array[]): Promise<Hash> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

/** What stands at the bottom of the tree for a leaf. */
export const leafHash = (leaf: Uint8Array): Promise<Hash> => sha256(Uint8Array.of(0), leaf);

/** What stands above two nodes. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Hash> => sha256(Uint8Array.of(1), left, right);

export const same = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** A tree's two subtrees: the left one is the largest full one that is not all of it. */
export function halves([from, end]: Stretch): [Stretch, Stretch] {
  let half = 1;
  while (half * 2 < end - from) half *= 2;
  return [[from, from + half], [from + half, end]];
}

/** The subtrees that prove a leaf, from its neighbour up (RFC 6962, section 2.1.1). */
export function inclusion(index: number, size: number): Stretch[] {
  const path: Stretch[] = [];
  let tree: Stretch = [0, size];
  while (tree[1] - tree[0] > 1) {
    const [left, right] = halves(tree);
    const inLeft = index < left[1];
    path.unshift(inLeft ? right : left);
    tree = inLeft ? left : right;
  }
  return path;
}

/** The subtrees that prove that a tree of `old` leaves is the beginning of one of `size` (RFC 6962, section 2.1.2). */
export function consistency(old: number, size: number): Stretch[] {
  if (old < 1 || old >= size) return [];
  const path: Stretch[] = [];
  let tree: Stretch = [0, size];
  let whole = true;
  while (tree[1] !== old) {
    const [left, right] = halves(tree);
    const inLeft = old <= left[1];
    path.unshift(inLeft ? right : left);
    tree = inLeft ? left : right;
    whole &&= inLeft;
  }
  return whole ? path : [tree, ...path];
}

/** The root that a leaf's path leads to (RFC 9162, section 2.1.3.2); null if it is no path in a tree of that size. */
export async function included(index: number, size: number, leaf: Hash, path: readonly Hash[]): Promise<Hash | null> {
  if (index < 0 || index >= size) return null;
  let [at, last, root] = [index, size - 1, leaf];
  for (const node of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      root = await nodeHash(node, root);
      [at, last] = risen(at, last);
    } else {
      root = await nodeHash(root, node);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? root : null;
}

/** Whether a proof shows that a tree is the beginning of another (RFC 9162, section 2.1.4.2). */
export async function consistent(old: { size: number; root: Hash }, now: { size: number; root: Hash }, proof: readonly Hash[]): Promise<boolean> {
  if (old.size < 1 || old.size > now.size) return false;
  if (old.size === now.size) return proof.length === 0 && same(old.root, now.root);
  const [first, ...rest] = powerOfTwo(old.size) ? [old.root, ...proof] : proof;
  if (!first || proof.length === 0) return false;
  let [at, last] = [old.size - 1, now.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [before, after] = [first, first];
  for (const node of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [before, after] = [await nodeHash(node, before), await nodeHash(node, after)];
      [at, last] = risen(at, last);
    } else {
      after = await nodeHash(after, node);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(before, old.root) && same(after, now.root);
}

/** Up along the right edge, to where a node is a right one. */
function risen(at: number, last: number): [number, number] {
  while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
  return [at, last];
}

/** Not `>> 1`, which is for 32 bits only. */
const half = (number: number) => Math.floor(number / 2);

export function powerOfTwo(number: number): boolean {
  while (number > 1 && number % 2 === 0) number /= 2;
  return number === 1;
}
