// Colours that can be read, whatever colour a website chose. Contrast as WCAG 2.2 computes it.

type Rgb = [number, number, number];

export const DEFAULT = '#0d6470';
const ENOUGH = 4.5;

export function parse(colour: string): Rgb | null {
  const digits = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  return digits ? [1, 2, 3].map((at) => parseInt(digits[at] ?? '0', 16)) as Rgb : null;
}

const hex = (rgb: Rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one: string, other: string): number {
  const [a, b] = [one, other].map((colour) => luminance(parse(colour) ?? [0, 0, 0])) as [number, number];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Black or white, whichever can be read on a colour. */
export const inkOn = (colour: string) => (contrast(colour, '#ffffff') >= ENOUGH ? '#ffffff' : '#000000');

/** The colour itself, or as near to it as can be read on a background. */
export function readableOn(colour: string, background: string): string {
  const from = parse(colour) ?? [0, 0, 0];
  const goal: Rgb = luminance(parse(background) ?? [255, 255, 255]) > 0.18 ? [0, 0, 0] : [255, 255, 255];
  for (let share = 0; share <= 1; share += 0.04) {
    const mixed = hex(from.map((part, at) => part + (goal[at]! - part) * share) as Rgb);
    if (contrast(mixed, background) >= ENOUGH) return mixed;
  }
  return hex(goal);
}

/** The properties that the styles refer to. */
export function palette(chosen: string): Record<string, string> {
  const accent = parse(chosen) ? chosen.toLowerCase() : DEFAULT;
  // On the darkest of the light backgrounds of chat.css, and on the lightest of the dark ones.
  return {
    '--accent': accent,
    '--on-accent': inkOn(accent),
    '--accent-text': readableOn(accent, '#f4f6f6'),
    '--accent-text-dark': readableOn(accent, '#2a3132'),
  };
}
