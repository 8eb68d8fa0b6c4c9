/** Which language a person reads: Chinese unless English was chosen. Apart from the texts, which not every page needs whole. */

import type { Locale } from './time.ts';

const STORED = 'davy.locale';

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

/** The language decides which shapes the browser draws for Han characters. */
function tellTheDocument(next: Locale): void {
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
}
