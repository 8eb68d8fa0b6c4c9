/** The master alarm table, read once for each configuration. */

import * as api from './api.ts';
import type { RuleView } from './types.ts';

class RulesTable {
  rules = $state.raw<readonly RuleView[]>([]);
  #version = '';

  /** Reads the table of a configuration unless it is here; a failure is tried again at the next call. */
  async of(version: string): Promise<void> {
    if (version === this.#version || version === '') return;
    this.#version = version;
    try {
      this.rules = await api.rules();
    } catch {
      this.#version = '';
    }
  }
}

export const rulesTable = new RulesTable();
