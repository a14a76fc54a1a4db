/** How a file may be shown. Only what a browser draws without running anything is; its kind was sniffed from its bytes by the server. */
import type { Attachment } from '../api/model';

export type Kind = 'image' | 'audio' | 'video' | 'pdf' | 'file';

// An SVG can carry script and remote content; it is a download.
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'];
const SOUND = /^audio\/(mpeg|mp4|ogg|wav|x-wav|wave|webm|aac|flac|x-flac|x-m4a)\b/;
const FILM = /^video\/(mp4|webm|ogg|quicktime)\b/;

export function kindOf({ content_type: type }: Pick<Attachment, 'content_type'>): Kind {
  if (PICTURES.includes(type)) return 'image';
  if (SOUND.test(type)) return 'audio';
  if (FILM.test(type)) return 'video';
  return type === 'application/pdf' ? 'pdf' : 'file';
}

/** Whether it fills the screen when it is opened. */
export function opens(attachment: Pick<Attachment, 'content_type'>): boolean {
  return ['image', 'video', 'pdf'].includes(kindOf(attachment));
}
