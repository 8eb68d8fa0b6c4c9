/**
 * Changes of the configuration that are not in force: collected on any page, kept while pages change, gone when the browser goes (a
 * password may be among them). What they come to is looked at by the gateway.
 */

import { confirmed, operator, wordsOf } from './actions.svelte.ts';
import { Refused } from './api.ts';
import * as config from './config.ts';
import { sizeOf, withEdit } from './edits.ts';
import { inForce } from './inForce.svelte.ts';
import type { ConfigChecked, ConfigEdit, ConfigVersion, Finding } from './types.ts';

export type Busy = 'check' | 'apply' | null;

class Draft {
  edits = $state.raw<readonly ConfigEdit[]>([]);
  /** The version in force that they are made to. */
  base = $state('');
  /** What the gateway found at the latest look, as long as nothing was changed since. */
  checked = $state.raw<ConfigChecked | null>(null);
  busy = $state<Busy>(null);
  /** What went wrong, in words; with what was found where the gateway found something. */
  trouble = $state('');
  findings = $state.raw<readonly Finding[]>([]);
  /** Whether the dialog about it is open. */
  open = $state(false);

  get count(): number {
    return this.edits.reduce((sum, edit) => sum + sizeOf(edit), 0);
  }

  get isEmpty(): boolean {
    return this.edits.length === 0;
  }

  /** Whether another configuration has come in force since the first of them. */
  get isOutdated(): boolean {
    return !this.isEmpty && this.base !== inForce.version && inForce.version !== '';
  }

  get mayApply(): boolean {
    return this.checked !== null && this.checked.errors.length === 0 && this.checked.restart.length === 0 && !this.isOutdated && this.busy === null;
  }

  get proposal(): config.Proposal {
    return { base: this.base || inForce.version, edits: this.edits };
  }

  /** `madeTo` is the version that the person saw, where that may not be the one in force any more. */
  add(edit: ConfigEdit, madeTo = inForce.version): void {
    if (this.isEmpty) this.base = madeTo;
    this.#now(withEdit(this.edits, edit));
  }

  /** Takes one out again. */
  drop(at: number): void {
    this.#now(this.edits.filter((_, other) => other !== at));
  }

  discard(): void {
    this.#now([]);
    this.open = false;
  }

  /** Makes them changes to what is in force now; the next look shows what they come to. */
  carryOver(): void {
    this.base = inForce.version;
    this.#now(this.edits);
  }

  /** The text of a file that they put in the place of the one in force; undefined where they do not. */
  textOf(name: string): string | null | undefined {
    const edit = this.edits.filter((other) => other.edit === 'file' && other.name === name).at(-1);
    return edit?.edit === 'file' ? edit.text : undefined;
  }

  async check(): Promise<ConfigChecked | null> {
    const edits = this.edits;
    return this.#run('check', async () => {
      const checked = await confirmed(() => config.check(this.proposal));
      // Whoever went on changing sees nothing of before.
      if (edits === this.edits) this.checked = checked;
      return checked;
    });
  }

  async apply(reason: string): Promise<ConfigVersion | null> {
    const by = await operator.get();
    if (by === null) return null;
    return this.#run('apply', async () => {
      const applied = await confirmed(() => config.apply(this.proposal, by, reason));
      inForce.becomes(applied.version);
      this.discard();
      return applied;
    });
  }

  #now(edits: readonly ConfigEdit[]): void {
    [this.edits, this.checked, this.trouble, this.findings] = [edits, null, '', []];
  }

  async #run<T>(busy: Busy, work: () => Promise<T>): Promise<T | null> {
    [this.busy, this.trouble, this.findings] = [busy, '', []];
    try {
      return await work();
    } catch (error) {
      this.trouble = wordsOf(error);
      if (error instanceof Refused) {
        this.findings = error.findings;
        if (error.findings.length === 0) this.trouble = `${this.trouble}: ${error.message}`;
      }
      return null;
    } finally {
      this.busy = null;
    }
  }
}

export const draft = new Draft();
