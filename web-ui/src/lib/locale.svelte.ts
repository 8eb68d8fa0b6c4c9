/** Which language a person reads: Chinese unless English was chosen. Apart from the texts, which not every page needs. */

import type { Locale } from './time.ts';

const STORED = 'davy.locale';

let current = $state<Locale>(localStorage.getItem(STORED) === 'en' ? 'en' : 'zh');
/** What must be there before the page turns to a language. */
let ready: (next: Locale) => Promise<void> = () => Promise.resolve();
export const beforeTurning = (needs: typeof ready): void => void (ready = needs);

export const locale = {
  get value(): Locale {
    return current;
  },
  set value(next: Locale) {
    void turn(next);
  },
};

tellTheDocument(locale.value);

/** A language whose texts do not come leaves the page as it is. */
async function turn(next: Locale): Promise<void> {
  try {
    await ready(next);
  } catch {
    return;
  }
  current = next;
  localStorage.setItem(STORED, next);
  tellTheDocument(next);
}

/** The language decides which shapes the browser draws for Han characters. */
function tellTheDocument(next: Locale): void {
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
}
