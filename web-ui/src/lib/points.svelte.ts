/** The point table in force, read once for each configuration, and what the draft makes of it. */

import { download } from './api.ts';
import { records } from './csv.ts';
import { draft } from './draft.svelte.ts';
import { gateway } from './gateway.svelte.ts';
import { overlaid, type Cells } from './points.ts';

class PointTable {
  base = $state.raw<readonly Cells[]>([]);
  state = $state<'loading' | 'here' | 'failed'>('loading');
  #version = '';

  readonly rows = $derived(overlaid(this.base, draft.edits));
  /** Whether the draft brings a table of its own, of which only a check shows what it changes. */
  readonly hasImport = $derived(draft.edits.some((edit) => edit.edit === 'import'));

  /** Reads the table of the configuration in force unless it is here. */
  async load(): Promise<void> {
    const version = gateway.system?.gateway.config_version ?? '';
    if (version === '' || (version === this.#version && this.state === 'here')) return;
    this.#version = version;
    this.state = 'loading';
    try {
      this.base = records(await download('config/points?format=csv&header=en'));
      this.state = 'here';
    } catch {
      this.state = 'failed';
    }
  }
}

export const pointTable = new PointTable();
