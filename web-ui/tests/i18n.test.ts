import { describe, expect, it } from 'vitest';
import { en } from '../src/lib/i18n/en/index.ts';
import { fill } from '../src/lib/i18n/fill.ts';
import { zh } from '../src/lib/i18n/zh/index.ts';

const files = import.meta.glob<string>(['../src/**/*.{ts,svelte}', '!../src/lib/i18n/{zh,en}/*.ts'], { query: '?raw', import: 'default', eager: true });
const all = Object.values(files).join('\n');
const keys = Object.keys(zh);

/** Keys written out, and the beginnings of keys that are put together: `level.${…}`. */
const literal = new Set([...all.matchAll(/'([a-z_]+\.[A-Za-z_]+)'/g)].map((match) => match[1]));
const built = new Set([...all.matchAll(/`([a-z_]+)\.\$\{/g)].map((match) => match[1]));

describe('the words of the page', () => {
  it('are the same keys in both languages, none empty', () => {
    expect(Object.keys(en)).toEqual(keys);
    expect([...Object.values(zh), ...Object.values(en)].filter((text) => text.trim() === '')).toEqual([]);
  });

  it('have the same places in both languages', () => {
    const places = (text: string) => [...new Set([...text.matchAll(/\{(\w+)[:}]/g)].map((match) => match[1]))].sort();
    for (const key of keys) expect(places(en[key as keyof typeof zh]), key).toEqual(places(zh[key as keyof typeof zh]));
  });

  it('are all used', () => {
    const unused = keys.filter((key) => !literal.has(key) && !built.has(key.slice(0, key.indexOf('.'))));
    expect(unused).toEqual([]);
  });

  it('are all there that the page asks for', () => {
    const asked = [...all.matchAll(/\bt\('([^']+)'/g)].map((match) => match[1] ?? '');
    expect(asked.filter((key) => !(key in zh))).toEqual([]);
    expect([...built].filter((group) => !keys.some((key) => key.startsWith(`${group}.`)))).toEqual([]);
  });

  it('are the only words: nothing Chinese is written into a part, nothing Chinese is left in English', () => {
    const han = /\p{Script=Han}/u;
    const parts = Object.entries(files).filter(([path]) => path.endsWith('.svelte'));
    expect(parts.length).toBeGreaterThan(30);
    // The button that changes the language names the other one in that language.
    expect(parts.filter(([, text]) => han.test(text.replaceAll("'中文'", ''))).map(([path]) => path)).toEqual([]);
    expect(Object.entries(en).filter(([, text]) => han.test(text))).toEqual([]);
  });
});

describe('fill', () => {
  it('puts values in and leaves unknown places as they are', () => {
    expect(fill('{n} of {all} {what}', { n: 3, all: 12 })).toBe('3 of 12 {what}');
  });

  it('chooses the word by the number', () => {
    expect([0, 1, 2].map((n) => fill('{n} {n:task|tasks}', { n }))).toEqual(['0 tasks', '1 task', '2 tasks']);
  });

  it('does not read values as places', () => {
    expect(fill('{a} {b}', { a: '{b}', b: 'x' })).toBe('{b} x');
  });
});
