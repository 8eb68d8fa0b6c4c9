import { expect, it } from 'vitest';
import css from '../src/app.css?raw';
import { DASHES, LINES } from '../src/lib/trend/colours.ts';

/** WCAG 2 AA for text of any size. */
const LEAST = 4.5;
const LEVELS = ['red', 'orange', 'yellow', 'blue'];
const PAIRS = [
  ...['text', 'text-2', 'text-3'].flatMap((ink) => ['bg', 'surface', 'raised'].map((paper) => [ink, paper])),
  ...LEVELS.flatMap((level) => [[`${level}-on`, level], [`${level}-ink`, `${level}-soft`], [`${level}-ink`, 'surface'], ['text-2', `${level}-soft`], ['text', `${level}-soft`]]),
  ['ink-on', 'ink'], ['bar-text', 'bar'], ['bar-text-2', 'bar'], ['bar-text', 'bar-raised'], ['green-ink', 'surface'], ['green-ink', 'green-soft'], ['text', 'accent-soft'],
] as [string, string][];

type Tokens = Record<string, string>;
const tokens = (block: string | undefined): Tokens => Object.fromEntries([...(block ?? '').matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]));
const block = (selector: string) => css.split(`\n${selector} {\n`)[1]?.split('\n}')[0];
const light = tokens(block(':root'));
const themes: Record<string, Tokens> = {
  light,
  dark: { ...light, ...tokens(block(":root[data-theme='dark']")) },
  contrast: { ...light, ...tokens(block(":root[data-theme='contrast']")) },
};

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}

it.each(Object.entries(themes))('everything can be read in the %s theme', (_, theme) => {
  const faint = PAIRS.map(([ink, paper]) => ({ ink, paper, contrast: contrast(theme[ink] ?? '', theme[paper] ?? '') }));
  expect(faint.filter((pair) => !(pair.contrast >= LEAST))).toEqual([]);
});

/** WCAG 2 AA for what is drawn (1.4.11). */
const DRAWN_LEAST = 3;

it.each(Object.entries(themes))('every line of a trend can be seen in the %s theme, and none looks like another', (_, theme) => {
  const lines = Array.from({ length: LINES }, (_each, at) => theme[`line-${at + 1}`] ?? '');
  expect(lines.filter((colour) => !(contrast(colour, theme.surface ?? '') >= DRAWN_LEAST))).toEqual([]);
  expect(new Set(lines).size).toBe(LINES);
  expect(new Set(DASHES.map((dash) => dash.join())).size).toBe(LINES);
});
