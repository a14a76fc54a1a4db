import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { signedLog, type SignedLog } from './note';
import { named, Tiles, Unreadable } from './tiles';
import { consistency, consistent, included, inclusion, leafHash, type Hash, type Stretch } from './tree';
import { verify, type Verified } from './verify';

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const unhex = (text: string): Hash => Uint8Array.from(text.match(/../g) ?? [], (two) => parseInt(two, 16));
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

/** The vectors that Certificate Transparency published: leaves, the roots of the trees over the first of them, and proofs. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(unhex);
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c', '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const FIRST_IN_EIGHT = [
  '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7', '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
];
const SIX_IN_EIGHT = [
  '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a', 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
];
const TWO_IN_FIVE = ['5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e', 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b'];

const plain = (...parts: Uint8Array[]): Hash => new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());

/** The definition of RFC 6962, word for word, with another SHA-256 than the browser's. */
function defined(leaves: readonly Uint8Array[]): Hash {
  if (leaves.length === 1) return plain(Uint8Array.of(0), leaves[0]!);
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return plain(Uint8Array.of(1), defined(leaves.slice(0, half)), defined(leaves.slice(half)));
}

/** A server of tiles over leaves, as c2sp.org/tlog-tiles has it; each name that was asked for is noted. */
function serves(leaves: readonly Uint8Array[], asked: string[] = []) {
  return async (path: string): Promise<Uint8Array> => {
    asked.push(path);
    const [, level = '', place = '', partial] = /^(\w+)\/([x\d/]+?)(?:\.p\/(\d+))?$/.exec(path) ?? [];
    const index = Number(place.replaceAll(/[x/]/g, ''));
    const from = index * 256;
    const places = Array.from({ length: Number(partial ?? 256) }, (_, at) => from + at);
    if (level === 'entries') return Uint8Array.from(places.flatMap((at) => [leaves[at]!.length >> 8, leaves[at]!.length & 255, ...leaves[at]!]));
    const span = 256 ** Number(level);
    return Uint8Array.from(places.flatMap((at) => [...defined(leaves.slice(at * span, (at + 1) * span))]));
  };
}

const proofOf = (leaves: readonly Uint8Array[], path: Stretch[]) => path.map(([from, end]) => defined(leaves.slice(from, end)));

test('roots and proofs are those of the published vectors', async () => {
  for (const [at, root] of ROOTS.entries()) {
    expect(hex(await new Tiles(at + 1, serves(LEAVES)).root([0, at + 1]))).toBe(root);
  }
  expect(proofOf(LEAVES, inclusion(0, 8)).map(hex)).toEqual(FIRST_IN_EIGHT);
  expect(proofOf(LEAVES, consistency(6, 8)).map(hex)).toEqual(SIX_IN_EIGHT);
  expect(proofOf(LEAVES, consistency(2, 5)).map(hex)).toEqual(TWO_IN_FIVE);
});

const eight = (root: string) => ({ size: 8, root: unhex(root) });
const at = (size: number) => ({ size, root: unhex(ROOTS[size - 1]!) });

test('the published proofs verify, and broken ones do not', async () => {
  const path = FIRST_IN_EIGHT.map(unhex);
  expect(hex((await included(0, 8, await leafHash(LEAVES[0]!), path))!)).toBe(ROOTS[7]);
  expect(hex((await included(0, 8, await leafHash(LEAVES[1]!), path))!)).not.toBe(ROOTS[7]);
  expect(await included(0, 8, await leafHash(LEAVES[0]!), path.slice(1))).toBeNull();
  expect(await included(0, 8, await leafHash(LEAVES[0]!), [...path, path[0]!])).toBeNull();
  expect(await included(8, 8, await leafHash(LEAVES[0]!), path)).toBeNull();

  const six = SIX_IN_EIGHT.map(unhex);
  expect(await consistent(at(6), eight(ROOTS[7]!), six)).toBe(true);
  expect(await consistent(at(2), at(5), TWO_IN_FIVE.map(unhex))).toBe(true);
  expect(await consistent(at(8), at(8), [])).toBe(true);
  for (const place of six.keys()) {
    const broken = six.map((one, which) => (which === place ? one.map((byte, first) => (first === 7 ? byte ^ 1 : byte)) : one)) as Hash[];
    expect(await consistent(at(6), eight(ROOTS[7]!), broken), `hash ${place}`).toBe(false);
  }
  expect(await consistent({ size: 6, root: at(5).root }, eight(ROOTS[7]!), six)).toBe(false);
  expect(await consistent(at(6), eight(ROOTS[6]!), six)).toBe(false);
  expect(await consistent(at(6), eight(ROOTS[7]!), six.slice(1))).toBe(false);
  expect(await consistent(at(6), eight(ROOTS[7]!), [])).toBe(false);
  expect(await consistent(at(4), eight(ROOTS[7]!), [])).toBe(false);
  expect(await consistent(at(8), at(6), six)).toBe(false);
  expect(await consistent({ size: 8, root: at(7).root }, at(8), [])).toBe(false);
});

test('every leaf and every beginning of a tree is proven', async () => {
  const leaves = Array.from({ length: 18 }, (_, place) => Uint8Array.of(place));
  const roots = leaves.map((_, place) => defined(leaves.slice(0, place + 1)));
  for (let size = 1; size <= leaves.length; size += 1) {
    for (let one = 0; one < size; one += 1) {
      const found = await included(one, size, await leafHash(leaves[one]!), proofOf(leaves, inclusion(one, size)));
      expect(hex(found!)).toBe(hex(roots[size - 1]!));
      const old = { size: one + 1, root: roots[one]! };
      expect(await consistent(old, { size, root: roots[size - 1]! }, proofOf(leaves, consistency(one + 1, size))), `${one + 1} in ${size}`).toBe(true);
    }
  }
});

test('tiles have the names of the specification', () => {
  expect([0, 67, 999, 1_000, 1_234_067].map(named)).toEqual(['000', '067', '999', 'x001/000', 'x001/x234/067']);
});

/** A log with a leaf as the program writes it for each entry: form, number, time, hash. */
function log(size: number, altered = -1) {
  return Array.from({ length: size }, (_, place) => {
    const leaf = new Uint8Array(49).fill(place === altered ? 9 : 7, 17);
    new DataView(leaf.buffer).setBigUint64(1, BigInt(place + 1));
    new DataView(leaf.buffer).setBigUint64(9, BigInt(1_900_000_000_000 + place));
    leaf[0] = 2;
    return leaf;
  });
}

const ORIGIN = 'parloir/audit/wsp_1';
const signed = (leaves: readonly Uint8Array[], more: Partial<SignedLog> = {}): SignedLog => ({
  origin: ORIGIN, entries: leaves.length, root: base64(defined(leaves)), number: leaves.length, at: 1_900_000_000_000, witnesses: [], ...more,
});
const keptOf = (leaves: readonly Uint8Array[]): Verified => signed(leaves);

test('a log verifies the first time, when it has grown, and when it has not', async () => {
  for (const [old, size] of [[1, 1], [1, 2], [5, 9], [255, 256], [256, 257], [200, 600], [512, 600], [600, 600]] as const) {
    const leaves = log(size);
    const told = signed(leaves);
    const before = keptOf(leaves.slice(0, old));
    expect(await verify(told, ORIGIN, null, serves(leaves)), `first of ${size}`).toMatchObject({ wrong: null, before: null, log: { entries: size, root: told.root } });
    expect(await verify(told, ORIGIN, before, serves(leaves)), `${old} to ${size}`).toMatchObject({ wrong: null, before });
  }
});

test('each tile is asked for once, by the name that the tree has it under', async () => {
  const asked: string[] = [];
  const leaves = log(600);
  await verify(signed(leaves), ORIGIN, keptOf(leaves.slice(0, 300)), serves(leaves, asked));
  expect(asked.toSorted()).toEqual(['0/001', '0/002.p/88', '1/000.p/2', 'entries/002.p/88']);
});

test('a log that lost its end, was altered, or signs another tree does not verify', async () => {
  const leaves = log(600);
  const before = keptOf(leaves.slice(0, 300));
  const outcome = async (now: readonly Uint8Array[], told: Partial<SignedLog> = {}, known: Verified | null = before) =>
    (await verify(signed(now, told), ORIGIN, known, serves(now))).wrong;

  expect(await outcome(log(299))).toBe('shorter');
  expect(await outcome(log(600, 12))).toBe('changed');
  expect(await outcome(log(600, 299))).toBe('changed');
  expect(await outcome(log(300, 299))).toBe('changed');
  // What came after it was verified is what was signed, or it is not.
  expect(await outcome(log(600, 450))).toBeNull();
  expect(await outcome(log(600, 450), { root: signed(leaves).root })).toBe('changed');
  expect(await outcome(log(600, 450), { root: signed(leaves).root }, null)).toBe('entry');
  const renumbered = log(600);
  new DataView(renumbered[599]!.buffer).setBigUint64(1, 7n);
  expect(await outcome(renumbered)).toBe('entry');
});

test('what cannot be read is said to be so, and what was not answered says nothing', async () => {
  const leaves = log(300);
  const told = signed(leaves);
  const wrong = async (log: SignedLog, read = serves(leaves)) => (await verify(log, ORIGIN, null, read)).wrong;
  expect(await wrong({ ...told, origin: 'parloir/audit/wsp_2' })).toBe('unreadable');
  expect(await wrong({ ...told, root: 'AAAA' })).toBe('unreadable');
  expect(await wrong({ ...told, root: '*' })).toBe('unreadable');
  expect(await wrong({ ...told, entries: 0 })).toBe('unreadable');
  expect(await wrong(told, async () => new Uint8Array(40))).toBe('unreadable');
  await expect(new Tiles(300, async () => Uint8Array.of(0, 9, 1)).leaf(0)).rejects.toThrow(Unreadable);
  await expect(verify(told, ORIGIN, null, () => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
});

const NOTE = `${ORIGIN}\n4711\nq143kyLBnSw/FVvp7eYgLurchyj3AAAAAAAAAAAAAAA=\nnumber 212\ntime 1900000000000\nprevious AVdH\n\n— ${ORIGIN} vtMQ36T3\n— witness.example.org/w1 AAAA\n`;

test('a checkpoint says what it covers and who signed', () => {
  expect(signedLog(NOTE)).toEqual({
    origin: ORIGIN, entries: 4711, root: 'q143kyLBnSw/FVvp7eYgLurchyj3AAAAAAAAAAAAAAA=', number: 212, at: 1_900_000_000_000, witnesses: ['witness.example.org/w1'],
  });
  expect(signedLog('something else')).toBeNull();
  expect(signedLog(NOTE.replace('4711', '47.5'))).toBeNull();
});
