// Draws the pictures by which systems show the installed app, from public/favicon.svg: node scripts/icons.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { launch } from './browser.mjs';

const folder = new URL('../public/', import.meta.url);
const svg = readFileSync(new URL('favicon.svg', folder), 'utf8');
/** Systems cut a maskable picture to their own shape: the ground reaches the edge, and what matters stays in the middle. */
const square = svg.replace(/ rx="\d+"/, '');
/** For the row of notices: one colour, which the system chooses. */
const badge = svg.replace(/<rect[^>]*>/, '').replace(/<circle[^>]*>/g, '');
const PICTURES = [
  ['icon-192.png', 192, svg],
  ['icon-512.png', 512, svg],
  ['icon-maskable-512.png', 512, square],
  ['apple-touch-icon.png', 180, square],
  ['badge-96.png', 96, badge],
];

const browser = await launch();
const page = await browser.newPage();
for (const [name, size, drawn] of PICTURES) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawn}`);
  writeFileSync(new URL(name, folder), await page.screenshot({ omitBackground: true }));
}
await browser.close();
