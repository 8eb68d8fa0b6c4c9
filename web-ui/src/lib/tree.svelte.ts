/** The nodes of a server as far as somebody has looked: level by level, or all variables that contain a text. */

import { confirmed, wordsOf } from './actions.svelte.ts';
import { Refused } from './api.ts';
import * as look from './look.ts';
import type { LookLevel, LookNode, LookValue } from './types.ts';

export interface Branch {
  key: string;
  node: LookNode;
  depth: number;
  /** The browse names above it, from the Objects folder on. */
  above: readonly string[];
}

/** What was found below a node. */
interface Found {
  nodes: readonly LookNode[];
  next: string | null;
  matching: number;
  whole: boolean;
}

/** A row: a node, or the place where there are more of its level. */
export type Row = Branch | { key: string; more: string | null; depth: number; left: number };
export const isBranch = (row: Row): row is Branch => 'node' in row;

/** Values are asked for again after so long, and of so many nodes. */
const AGAIN_MS = 5_000;
const VALUES_MAX = 200;
const ROOT = '';

export class Tree {
  readonly place: look.Place;
  levels = $state.raw<ReadonlyMap<string, Found>>(new Map());
  open = $state.raw<ReadonlySet<string>>(new Set());
  ticked = $state.raw<ReadonlyMap<string, Branch>>(new Map());
  values = $state.raw<ReadonlyMap<string, LookValue>>(new Map());
  loading = $state.raw<ReadonlySet<string>>(new Set());
  failed = $state('');
  /** What is searched for; empty for the tree. */
  query = $state('');
  hits = $state.raw<Found | null>(null);

  readonly rows = $derived(this.query === '' ? this.#below(ROOT, 0, []) : this.#flat());
  readonly variables = $derived(this.rows.filter(isBranch).filter((row) => row.node.variable !== null));

  constructor(place: look.Place) {
    this.place = place;
  }

  #below(parent: string, depth: number, above: readonly string[]): Row[] {
    const level = this.levels.get(parent);
    if (!level) return [];
    const rows: Row[] = [];
    for (const node of level.nodes) {
      rows.push({ key: node.address, node, depth, above });
      if (this.open.has(node.address)) rows.push(...this.#below(node.address, depth + 1, [...above, ...node.path]));
    }
    return level.next === null ? rows : [...rows, { key: `more ${parent}`, more: parent, depth, left: level.matching - level.nodes.length }];
  }

  #flat(): Row[] {
    const rows: Row[] = (this.hits?.nodes ?? []).map((node) => ({ key: node.address, node, depth: 0, above: [] }));
    const left = (this.hits?.matching ?? 0) - rows.length;
    return this.hits?.next ? [...rows, { key: 'more', more: null, depth: 0, left }] : rows;
  }

  async toggle(address: string): Promise<void> {
    const open = new Set(this.open);
    if (!open.delete(address)) open.add(address);
    this.open = open;
    if (open.has(address) && !this.levels.has(address)) await this.load(address);
  }

  /** The first part of a level, or the next. */
  async load(parent: string = ROOT): Promise<void> {
    const present = this.levels.get(parent);
    const level = await this.#ask(parent, () => look.level(this.place, parent === ROOT ? null : parent, present?.next ?? null));
    if (level) this.levels = new Map(this.levels).set(parent, joined(present, level));
  }

  async search(text: string): Promise<void> {
    [this.query, this.hits] = [text.trim(), null];
    if (this.query !== '') await this.further();
  }

  async further(): Promise<void> {
    const query = this.query;
    const level = await this.#ask('search', () => look.search(this.place, query, this.hits?.next ?? null));
    if (level && query === this.query) this.hits = joined(this.hits ?? undefined, level);
  }

  async #ask(key: string, ask: () => Promise<LookLevel>): Promise<LookLevel | null> {
    if (this.loading.has(key)) return null;
    this.loading = new Set(this.loading).add(key);
    this.failed = '';
    try {
      return await confirmed(ask);
    } catch (error) {
      this.failed = `${wordsOf(error)}${error instanceof Refused ? `: ${error.message}` : ''}`;
      return null;
    } finally {
      const rest = new Set(this.loading);
      rest.delete(key);
      this.loading = rest;
    }
  }

  tick(branch: Branch): void {
    const ticked = new Map(this.ticked);
    if (!ticked.delete(branch.key)) ticked.set(branch.key, branch);
    this.ticked = ticked;
  }

  tickAll(branches: readonly Branch[]): void {
    const all = branches.every((branch) => this.ticked.has(branch.key));
    const ticked = new Map(this.ticked);
    branches.forEach((branch) => (all ? ticked.delete(branch.key) : ticked.set(branch.key, branch)));
    this.ticked = ticked;
  }

  clear(): void {
    this.ticked = new Map();
  }

  /** Asks for the values of what is seen, again and again, until told to stop. */
  follow(): () => void {
    let stopped = false;
    const turn = async () => {
      const nodes = this.variables.filter((row) => row.node.tag === null && row.node.variable?.readable).slice(0, VALUES_MAX).map((row) => row.key);
      if (nodes.length > 0 && document.visibilityState === 'visible') {
        try {
          const told = await look.values(this.place, nodes);
          if (told.of === 'nodes') this.values = new Map([...this.values, ...told.values.map((value) => [value.address, value] as const)]);
        } catch {
          // What was read before stands with its time; the next turn may be luckier.
        }
      }
      if (!stopped) timer = setTimeout(() => void turn(), AGAIN_MS);
    };
    let timer = setTimeout(() => void turn(), AGAIN_MS);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }
}

function joined(present: Found | undefined, level: LookLevel): Found {
  return { nodes: [...(present?.nodes ?? []), ...level.items], next: level.next, matching: level.matching, whole: level.whole };
}
