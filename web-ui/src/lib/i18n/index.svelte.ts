/** The words of the page, in the language that the person reads; those of the other one come when they are asked for. */

import { beforeTurning, locale } from '../locale.svelte.ts';
import type { Locale } from '../time.ts';
import { BOTH } from './both.ts';
import { fill } from './fill.ts';
import type { zh } from './zh/index.ts';

export { locale };

export type Key = keyof typeof zh;
type Texts = Readonly<Record<Key, string>>;

const LOADS: Record<Locale, () => Promise<Texts>> = {
  zh: async () => (await import('./zh/index.ts')).zh,
  en: async () => (await import('./en/index.ts')).en,
};
const texts: Partial<Record<Locale, Texts>> = {};

/** Fetches the words of a language; until those of the first are here, nothing can be said. */
export async function loadTexts(of: Locale = locale.value): Promise<void> {
  texts[of] ??= await LOADS[of]();
}
beforeTurning(loadTexts);

/** Read with the language, so that whatever was said is said anew when it changes. */
const now = (): Texts => texts[locale.value] ?? ({} as Texts);

export function t(key: Key, values?: Readonly<Record<string, string | number>>): string {
  return fill(now()[key], values);
}

/** Whether there are words for something whose name came from outside. */
export const has = (key: string): key is Key => key in now();

/** Everything that has words under a name, by what comes behind it, in the order of the texts. */
export const named = (group: string): [string, string][] =>
  (Object.keys(now()) as Key[]).filter((key) => key.startsWith(group)).map((key) => [key.slice(group.length), t(key)]);

/** In this language, and in the other. */
export function inBoth(key: keyof typeof BOTH): { own: string; other: string } {
  const [own, other] = locale.value === 'zh' ? (['zh', 'en'] as const) : (['en', 'zh'] as const);
  return { own: BOTH[key][own], other: BOTH[key][other] };
}
