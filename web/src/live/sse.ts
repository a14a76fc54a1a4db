/** Reads a text/event-stream, however the network cut it into pieces (WHATWG HTML, "Server-sent events"). */

export interface Frame {
  id: string | null;
  event: string;
  data: string;
}

export class FrameReader {
  #rest = '';
  #id: string | null = null;
  #event = '';
  #data: string[] = [];
  #start = true;

  /** The frames that this piece completed. */
  push(piece: string): Frame[] {
    let text = this.#rest + piece;
    if (this.#start && text.length > 0) {
      this.#start = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    const frames: Frame[] = [];
    let from = 0;
    for (;;) {
      const end = lineEnd(text, from);
      if (!end) break;
      const frame = this.#line(text.slice(from, end.at));
      if (frame) frames.push(frame);
      from = end.next;
    }
    this.#rest = text.slice(from);
    return frames;
  }

  #line(line: string): Frame | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return null;
  }

  #dispatch(): Frame | null {
    const frame = { id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    return empty ? null : frame;
  }
}

/** Where the line that starts at `from` ends: LF, CR or CRLF. A CR at the very end waits for its LF. */
function lineEnd(text: string, from: number): { at: number; next: number } | null {
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\n') return { at, next: at + 1 };
    if (character !== '\r') continue;
    if (at + 1 === text.length) return null;
    return { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 };
  }
  return null;
}
