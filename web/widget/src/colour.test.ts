import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contrast, inkOn, palette, parse, readableOn } from './colour';

const colours = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

it('agrees with the standard where it is known', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  expect(parse('#0d6470')).toEqual([13, 100, 112]);
  expect(parse('red')).toBeNull();
});

it('what is written on any colour, and any colour as text, can be read', () => {
  fc.assert(
    fc.property(colours, (colour) => {
      expect(contrast(inkOn(colour), colour)).toBeGreaterThanOrEqual(4.5);
      for (const background of ['#ffffff', '#1f2526']) expect(contrast(readableOn(colour, background), background)).toBeGreaterThanOrEqual(4.5);
    }),
  );
});

it('a colour that can be read stays as it is, and what is none becomes ours', () => {
  expect(readableOn('#0d6470', '#ffffff')).toBe('#0d6470');
  expect(palette('javascript:')['--accent']).toBe('#0d6470');
});
