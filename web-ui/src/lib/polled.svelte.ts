/** What is asked for again and again while it is on the screen. To be made while a component is set up. */

import { wordsOf } from './actions.svelte.ts';

export class Polled<T> {
  /** The newest answer; the last one stays while there is trouble. */
  value = $state.raw<T | null>(null);
  /** Why the last question was not answered; empty where it was. */
  trouble = $state('');

  constructor(ask: () => Promise<T>, everyMs: number) {
    const load = async () => {
      try {
        [this.value, this.trouble] = [await ask(), ''];
      } catch (error) {
        this.trouble = wordsOf(error);
      }
    };
    $effect(() => {
      void load();
      const again = setInterval(() => void load(), everyMs);
      return () => clearInterval(again);
    });
  }
}
