/** Hashes of the tree, out of the log's tiles (c2sp.org/tlog-tiles): 256 of them in each, at every eighth level. */
import { halves, nodeHash, powerOfTwo, type Hash, type Stretch } from './tree';

const WIDTH = 256;
const HASH = 32;
/** Levels of the tree from one level of tiles to the next. */
const STEP = 8;

/** Reads a tile by what follows `tile/` in its name. */
export type ReadTile = (path: string) => Promise<Uint8Array>;

/** What was read is not what a log of this size has there. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

export class Tiles {
  readonly #read = new Map<string, Promise<Uint8Array>>();

  constructor(private readonly size: number, private readonly ask: ReadTile) {}

  /** The root of the tree over a stretch. */
  async root(stretch: Stretch): Promise<Hash> {
    const [from, end] = stretch;
    const span = end - from;
    if (powerOfTwo(span) && from % span === 0) return this.#node(Math.round(Math.log2(span)), from / span);
    const [left, right] = halves(stretch);
    return nodeHash(await this.root(left), await this.root(right));
  }

  /** A leaf, from the tile that holds those around it: each has its length before it, in two bytes. */
  async leaf(index: number): Promise<Uint8Array> {
    const bundle = Math.floor(index / WIDTH);
    const bytes = await this.#tile('entries', bundle, this.size);
    let at = 0;
    for (let before = index % WIDTH; ; before -= 1) {
      const [high, low] = [bytes[at], bytes[at + 1]];
      if (high === undefined || low === undefined) throw new Unreadable('a leaf is missing');
      const [begin, end] = [at + 2, at + 2 + high * 256 + low];
      if (end > bytes.length) throw new Unreadable('a leaf is cut');
      if (before === 0) return bytes.slice(begin, end);
      at = end;
    }
  }

  /** The node over a full subtree: out of its tile, or from those of the tile's hashes that it spans. */
  async #node(level: number, index: number): Promise<Hash> {
    const tall = Math.floor(level / STEP);
    const span = 2 ** (level % STEP);
    const first = index * span;
    const there = Math.floor(this.size / WIDTH ** tall);
    const bytes = await this.#tile(String(tall), Math.floor(first / WIDTH), there);
    if (bytes.length % HASH !== 0 || bytes.length / HASH !== width(Math.floor(first / WIDTH), there)) throw new Unreadable('a tile has another length');
    const at = (first % WIDTH) * HASH;
    let row: Hash[] = Array.from({ length: span }, (_, place) => bytes.slice(at + place * HASH, at + (place + 1) * HASH));
    while (row.length > 1) row = await pairs(row);
    return row[0] ?? new Uint8Array();
  }

  /** A tile of a level of which `there` hashes are full; each is asked for once. */
  #tile(level: string, index: number, there: number): Promise<Uint8Array> {
    const partial = width(index, there);
    const path = `${level}/${named(index)}${partial < WIDTH ? `.p/${partial}` : ''}`;
    const known = this.#read.get(path) ?? this.ask(path);
    this.#read.set(path, known);
    return known;
  }
}

const width = (index: number, there: number) => Math.min(WIDTH, there - index * WIDTH);

async function pairs(row: readonly Hash[]): Promise<Hash[]> {
  const above: Hash[] = [];
  for (let at = 0; at + 1 < row.length; at += 2) above.push(await nodeHash(row[at]!, row[at + 1]!));
  return above;
}

/** `1234067` is `x001/x234/067`. */
export function named(index: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return digits.map((three, at) => (at < digits.length - 1 ? `x${three}` : three)).join('/');
}
