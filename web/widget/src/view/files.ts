// Files. Pictures are decoded and painted: that needs nothing of the host page's Content-Security-Policy but its leave to call
// the server, and a picture that is painted runs nothing. Everything else is offered as a download, as bytes without a type.
import type { Attachment } from '../message';
import type { Words } from '../words/words';
import { el } from './dom';
import { FILE, picture } from './icons';

const PAINTED = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp'];
/** Widest a picture is painted, in CSS pixels, and highest. */
const [WIDE, HIGH] = [232, 260];

export type Fetch = (attachment: Attachment) => Promise<Blob>;

export function fileView(attachment: Attachment, fetchIt: Fetch, words: Words): HTMLElement {
  const name = attachment.name ?? attachment.role;
  const holder = el('div', { className: 'file' });
  const said = el('span', { className: 'size', textContent: sized(attachment.size) });
  const chip = el(
    'button',
    {
      type: 'button', className: 'chip', disabled: attachment.state !== 'stored', title: words.download(name),
      on: { click: () => void download() },
    },
    picture(FILE), el('span', { className: 'name', dir: 'auto', textContent: name }), said,
  );
  if (attachment.state === 'failed') said.textContent = words.fileFailed;
  if (attachment.state === 'pending') said.textContent = words.fetching;
  holder.append(chip);
  if (attachment.state === 'stored' && PAINTED.includes(attachment.content_type)) void paint();
  return holder;

  async function paint() {
    const painted = await fetchIt(attachment).then(paintable, () => null);
    if (!painted) return;
    painted.setAttribute('role', 'img');
    painted.ariaLabel = name;
    holder.replaceChildren(el('button', { type: 'button', className: 'picture', ariaLabel: words.download(name), on: { click: () => void download() } }, painted));
  }

  async function download() {
    try {
      const bytes = await fetchIt(attachment);
      // Without a type of its own: whatever it is, the browser saves it and runs nothing.
      const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
      el('a', { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch {
      said.textContent = words.fileFailed;
      holder.replaceChildren(chip);
    }
  }
}

/** A picture on a canvas, no larger than it is shown. */
export async function paintable(blob: Blob, wide = WIDE, high = HIGH): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(blob);
  const share = Math.min(1, wide / bitmap.width, high / bitmap.height);
  const dots = Math.min(2, globalThis.devicePixelRatio || 1);
  const [width, height] = [Math.max(1, Math.round(bitmap.width * share)), Math.max(1, Math.round(bitmap.height * share))];
  const canvas = el('canvas', { width: Math.round(width * dots), height: Math.round(height * dots) });
  canvas.style.setProperty('width', `${width}px`);
  canvas.style.setProperty('aspect-ratio', `${width} / ${height}`);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

/** The bytes of a `data:` URL. */
export function bytesOf(url: string): Blob | null {
  const [head, data] = url.split(',', 2);
  const type = /^data:(image\/\w+);base64$/.exec(head ?? '')?.[1];
  if (!type || !data) return null;
  return new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], { type });
}

export function sized(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
