/** Looks at the field through the gateway, and the loop check. Each look is a connection of its own, and takes seconds. */

import { get, post, send } from './api.ts';
import type { LookLevel, LookNode, LookReadings, LookUser, LookValue, LoopPoint, LoopResult, LoopRow, Page, ProposedRow, SourceOffers } from './types.ts';

const LOOK_MS = 32_000;

/** A source in force by its id, or the address of what is no source yet. */
export type Place = { source: string } | { url: string };

export const offers = (url: string, id: string, user?: LookUser): Promise<SourceOffers> =>
  send('look/offers', { url, id, ...(user && { user }) }, LOOK_MS);

/** Nodes below one, or of the whole subtree the variables that contain a text. */
export const level = (place: Place, node: string | null, cursor: string | null): Promise<LookLevel> =>
  send('look/browse', { ...place, node, cursor }, LOOK_MS);

export const search = (place: Place, filter: string, cursor: string | null): Promise<LookLevel> =>
  send('look/browse', { ...place, deep: true, filter, cursor }, LOOK_MS);

export const values = (place: Place, nodes: readonly string[]): Promise<LookReadings> => send('look/read', { ...place, nodes }, LOOK_MS);

export const registers = (place: Place, from: string, count: number): Promise<LookReadings> =>
  send('look/read', { ...place, registers: from, count }, LOOK_MS);

/** What the cells of a point would read, though they are in no table yet. Where and how it is read is all that matters. */
export async function wouldBe(source: string, cells: Readonly<Record<string, string>>): Promise<LookValue | null> {
  const row = Object.fromEntries(READS.map((column) => [column, cells[column] ?? '']));
  const answer: LookReadings = await send('look/read', { source, row }, LOOK_MS);
  return answer.of === 'nodes' ? (answer.values[0] ?? null) : null;
}
const READS = ['address', 'data', 'order', 'scale', 'offset', 'raw_low', 'raw_high', 'texts'];

/** Rows of the point table for variables, with ids that no other row has. */
export async function propose(source: string, nodes: readonly LookNode[], above: (node: LookNode) => readonly string[], taken: readonly string[]): Promise<ProposedRow[]> {
  const found = nodes.map((node) => ({
    path: [...above(node), ...node.path], name: node.variable?.description || node.display_name, address: node.address, node: node.node,
    engineering_unit: node.variable?.engineering_unit ?? '', range: node.variable?.range ?? null,
  }));
  return (await send<{ rows: ProposedRow[] }>('look/propose', { source, found, taken }, LOOK_MS)).rows;
}

/** The whole sheet of the loop check. */
export async function loops(): Promise<LoopRow[]> {
  const all: LoopRow[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page: Page<LoopRow> = await get(`loop-check?limit=5000${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`);
    all.push(...page.items);
    after = page.next;
  }
  return all;
}

export const checkLoop = (tag: string, by: string, result: LoopResult, points: readonly LoopPoint[], note: string) =>
  post(`loop-check/${encodeURIComponent(tag)}`, { by, result, points, note });
