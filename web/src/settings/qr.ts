/** A QR code as a path of SVG: one stroke for each run of dark squares of a row. */

/** Light squares around it. */
const MARGIN = 4;

export interface Squares {
  readonly size: number;
  get(x: number, y: number): boolean;
}

/** `side` is the length of the picture, in squares. */
export function drawn(squares: Squares): { side: number; path: string } {
  const runs: string[] = [];
  for (let y = 0; y < squares.size; y += 1) {
    for (let x = 0; x < squares.size; x += 1) {
      let length = 0;
      while (x + length < squares.size && squares.get(x + length, y)) length += 1;
      if (length > 0) runs.push(`M${x + MARGIN} ${y + MARGIN}h${length}v1h-${length}z`);
      x += length;
    }
  }
  return { side: squares.size + 2 * MARGIN, path: runs.join('') };
}
