/** What the check of a configuration finds, in the language of the page. The Chinese sentences come when they are first needed. */

import { locale } from '../locale.svelte.ts';
import type { Catalogue } from './match.ts';

let catalogue = $state.raw<Catalogue | null>(null);
let asked = false;

/** The words of a finding; in English, or where nobody has put them into Chinese, as the gateway says them. */
export function findingWords(message: string): string {
  if (locale.value !== 'zh') return message;
  if (!asked) void load();
  return catalogue?.say(message) ?? message;
}

async function load(): Promise<void> {
  asked = true;
  try {
    catalogue = (await import('./chinese.ts')).CHINESE;
  } catch {
    // The next finding asks again.
    asked = false;
  }
}
