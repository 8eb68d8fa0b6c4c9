/** The latest gaps of every source, from the journal: read once for the page, and again when a source has come or gone. */

import * as api from './api.ts';
import { gateway } from './gateway.svelte.ts';
import { lookBack } from './journal.ts';
import type { GapRecord } from './types.ts';

const ENOUGH = 60;
const CHUNKS_MAX = 30;

class Gaps {
  list = $state.raw<readonly GapRecord[]>([]);

  async load(): Promise<void> {
    try {
      const found = await lookBack(api.journal, gateway.system?.journal?.head ?? 0, { kinds: ['gap'], words: '', from: null }, ENOUGH, CHUNKS_MAX);
      this.list = found.rows.map((row) => row.record as unknown as GapRecord);
    } catch {
      // The page says elsewhere that the gateway does not answer; what was read stays.
    }
  }
}

export const gaps = new Gaps();
