/** Which version of the configuration is in force: as the live state has it, or as an answer has just said, which is sooner. */

import { gateway } from './gateway.svelte.ts';

class InForce {
  /** What the live state had when the answer came, and what came in its place. */
  #news = $state.raw({ before: '', after: '' });

  get version(): string {
    const shown = gateway.system?.gateway.config_version ?? '';
    return shown === this.#news.before && this.#news.after !== '' ? this.#news.after : shown;
  }

  becomes(version: string): void {
    this.#news = { before: gateway.system?.gateway.config_version ?? '', after: version };
  }
}

export const inForce = new InForce();
