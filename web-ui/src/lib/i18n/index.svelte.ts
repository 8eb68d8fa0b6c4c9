/** The words of the page, in the language that the person reads. */

import { locale } from '../locale.svelte.ts';
import type { Locale } from '../time.ts';
import { en } from './en/index.ts';
import { fill } from './fill.ts';
import { zh } from './zh/index.ts';

export { locale };

export type Key = keyof typeof zh;

const TEXTS: Record<Locale, Record<Key, string>> = { zh, en };

export function t(key: Key, values?: Readonly<Record<string, string | number>>): string {
  return fill(TEXTS[locale.value][key], values);
}

/** Whether there are words for something whose name came from outside. */
export const has = (key: string): key is Key => key in zh;

/** Everything that has words under a name, by what comes behind it, in the order of the texts. */
export const named = (group: string): [string, string][] =>
  (Object.keys(zh) as Key[]).filter((key) => key.startsWith(group)).map((key) => [key.slice(group.length), t(key)]);

/** In the language that is not chosen, for what everybody at the panel must understand. */
export function inOther(key: Key): string {
  return TEXTS[locale.value === 'zh' ? 'en' : 'zh'][key];
}
