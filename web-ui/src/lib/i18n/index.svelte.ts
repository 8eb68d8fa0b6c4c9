/** The language of the page: Chinese unless the person has chosen English. */

import type { Locale } from '../time.ts';
import { en } from './en/index.ts';
import { fill } from './fill.ts';
import { zh } from './zh/index.ts';

export type Key = keyof typeof zh;

const STORED = 'davy.locale';
const TEXTS: Record<Locale, Record<Key, string>> = { zh, en };

let current = $state<Locale>(localStorage.getItem(STORED) === 'en' ? 'en' : 'zh');

export const locale = {
  get value(): Locale {
    return current;
  },
  set value(next: Locale) {
    current = next;
    localStorage.setItem(STORED, next);
    tellTheDocument(next);
  },
};

tellTheDocument(locale.value);

export function t(key: Key, values?: Readonly<Record<string, string | number>>): string {
  return fill(TEXTS[current][key], values);
}

/** Whether there are words for something whose name came from outside. */
export const has = (key: string): key is Key => key in zh;

/** Everything that has words under a name, by what comes behind it, in the order of the texts. */
export const named = (group: string): [string, string][] =>
  (Object.keys(zh) as Key[]).filter((key) => key.startsWith(group)).map((key) => [key.slice(group.length), t(key)]);

/** In the language that is not chosen, for what everybody at the panel must understand. */
export function inOther(key: Key): string {
  return TEXTS[current === 'zh' ? 'en' : 'zh'][key];
}

/** The language decides which shapes the browser draws for Han characters. */
function tellTheDocument(next: Locale): void {
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
}
