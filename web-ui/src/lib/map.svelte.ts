/** The map of the site, read once for each configuration. */

import * as api from './api.ts';
import { frameOf } from './map.ts';
import type { SiteMap } from './types.ts';

const NOTHING: SiteMap = { zones: [], plan: null, cameras: [] };

class Maps {
  map = $state.raw<SiteMap>(NOTHING);
  /** Of which configuration. */
  version = $state('');
  #asked = '';

  readonly frame = $derived(frameOf(this.map));
  /** The zones that have an outline. */
  readonly drawn = $derived(new Set(this.map.zones.map((zone) => zone.zone)));

  /** Reads the map of a configuration unless it is here; a failure is tried again at the next call. */
  async of(version: string): Promise<void> {
    if (version === this.#asked || version === '') return;
    this.#asked = version;
    try {
      [this.map, this.version] = [await api.map(), version];
    } catch {
      this.#asked = '';
    }
  }
}

export const maps = new Maps();
