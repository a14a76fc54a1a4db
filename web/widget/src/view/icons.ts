// The few pictures there are, drawn as lines.

export const SPEECH = 'M20 11.5c0 4.4-3.8 7.5-8.2 7.5-1.1 0-2.2-.2-3.2-.6L4 20l1.3-4.1A7.3 7.3 0 0 1 3.8 11.5C3.8 7.2 7.5 4 11.9 4S20 7.2 20 11.5Z';
export const CLOSE = 'M6 6l12 12M18 6 6 18';
export const DOWN = 'm6 9 6 6 6-6';
export const SEND = 'M12 19V5m-6 6 6-6 6 6';
export const CLIP = 'm20 11.5-8.3 8.3a5.3 5.3 0 0 1-7.5-7.5l8.7-8.7a3.5 3.5 0 0 1 5 5l-8.6 8.6a1.8 1.8 0 0 1-2.5-2.5l7.9-7.9';
export const FILE = 'M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8l-5-5Zm0 0v5h5';
export const MORE = 'M5 12h.01M12 12h.01M19 12h.01';
export const TICK = 'm5 13 4.5 4.5L19 7.5';
export const TICKS = 'm2.5 13 4.5 4.5L16 8m-4.2 8.2 1.3 1.3L21.5 8';
export const PIN = 'M12 21s7-6.2 7-11.5a7 7 0 1 0-14 0C5 14.8 12 21 12 21Zm0-9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z';

const SVG = 'http://www.w3.org/2000/svg';

export function picture(path: string, name = ''): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  if (name) svg.setAttribute('class', name);
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}
