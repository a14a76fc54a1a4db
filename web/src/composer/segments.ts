/** How many short messages a text goes as, counted as the server counts it (crates/connect/src/sms/segments.rs); both are held to one list of examples. */

/** The telephones' alphabet of seven bits, and what takes two of its places (3GPP TS 23.038, section 6.2.1). */
const BASIC = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà');
const EXTENDED = new Set('\f^{}\\[~]|€');

export interface Segments {
  encoding: 'gsm7' | 'ucs2';
  /** Septets, or units of UTF-16. */
  units: number;
  segments: number;
  /** Units that one of these messages holds. */
  per_segment: number;
}

export function segmentsOf(text: string): Segments {
  const letters = [...text];
  const plain = letters.every((letter) => BASIC.has(letter) || EXTENDED.has(letter));
  const takes = plain ? (letter: string) => (BASIC.has(letter) ? 1 : 2) : (letter: string) => letter.length;
  const encoding = plain ? 'gsm7' : 'ucs2';
  const [alone, together] = plain ? [160, 153] : [70, 67];
  const units = letters.reduce((all, letter) => all + takes(letter), 0);
  if (units <= alone) return { encoding, units, segments: units > 0 ? 1 : 0, per_segment: alone };
  let [segments, used] = [1, 0];
  for (const letter of letters) {
    // What takes two places is never torn between two messages.
    if (used + takes(letter) > together) [segments, used] = [segments + 1, 0];
    used += takes(letter);
  }
  return { encoding, units, segments, per_segment: together };
}
