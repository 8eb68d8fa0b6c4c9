/**
 * Joins a new section to the one on screen: rows that have not changed stay the very same objects, so that only rows that
 * did change are drawn again. Pure.
 */

import type { SectionName, Sections } from './types.ts';

const KEYS: { [Name in SectionName]?: (row: never) => string } = {
  alarms: (row: Sections['alarms'][number]) => row.id,
  warnings: (row: Sections['warnings'][number]) => row.id,
  units: (row: Sections['units'][number]) => row.unit,
  measures: (row: Sections['measures'][number]) => row.measure,
  tasks: (row: Sections['tasks'][number]) => row.id,
  plans: (row: Sections['plans'][number]) => row.plan,
  hazards: (row: Sections['hazards'][number]) => row.id,
  hidden: (row: Sections['hidden'][number]) => row.rule,
  people: (row: Sections['people'][number]) => row.id,
  tickets: (row: Sections['tickets'][number]) => row.id,
  zones: (row: Sections['zones'][number]) => row.zone,
  tags: (row: Sections['tags'][number]) => row.tag,
  sources: (row: Sections['sources'][number]) => row.source,
  uplinks: (row: Sections['uplinks'][number]) => row.uplink,
};

export const SECTION_NAMES: readonly SectionName[] = [
  'system', 'annunciation', 'alarms', 'warnings', 'units', 'measures', 'tasks', 'plans', 'hazards', 'hidden', 'people', 'tickets', 'zones', 'watch', 'tags',
  'sources', 'uplinks', 'demo',
];

/** What has changed of a list: rows that are new or have changed, and where one came, went or moved the ids of all in their order. */
export interface Changes<Row> {
  rows: readonly Row[];
  order?: readonly string[];
}

export const isList = (name: SectionName): boolean => name in KEYS;

/**
 * The new section, from the whole of it or from what has changed, sharing every unchanged row with the old one. Throws when a list was
 * promised and none came, or changes of another list than the old one.
 */
export function mergeSection<Name extends SectionName>(name: Name, old: unknown, next: unknown): Sections[Name] {
  const key = KEYS[name] as ((row: unknown) => string) | undefined;
  if (!key) return (same(old, next) ? old : next) as Sections[Name];
  const known: readonly unknown[] = Array.isArray(old) ? old : [];
  if (Array.isArray(next)) return shareRows(known, next, key) as Sections[Name];
  if (!isChanges(next)) throw new TypeError(`section ${name} is not a list`);
  return change(known, next, key) as Sections[Name];
}

const isChanges = (data: unknown): data is Changes<unknown> =>
  typeof data === 'object' && data !== null && Array.isArray((data as Changes<unknown>).rows);

function change<Row>(old: readonly Row[], { rows, order }: Changes<Row>, key: (row: Row) => string): Row[] {
  const known = new Map(old.map((row) => [key(row), row]));
  const fresh = new Map(rows.map((row) => [key(row), row]));
  return (order ?? [...known.keys()]).map((id) => {
    const [before, now] = [known.get(id), fresh.get(id)];
    const row = before !== undefined && now !== undefined && same(before, now) ? before : now ?? before;
    if (row === undefined) throw new TypeError(`row ${id} is not known`);
    return row;
  });
}

export function shareRows<Row>(old: readonly Row[], next: readonly Row[], key: (row: Row) => string): Row[] {
  const known = new Map(old.map((row) => [key(row), row]));
  return next.map((row) => {
    const before = known.get(key(row));
    return before !== undefined && same(before, row) ? before : row;
  });
}

/** Deep equality of JSON values. */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length
    && keys.every((key) => key in other && same((one as Fields)[key], (other as Fields)[key]));
}

type Fields = Record<string, unknown>;

/** The values kept for a small curve, one a second: five minutes. The oldest go first. */
export const HISTORY_MAX = 300;

export function remember(history: readonly number[], value: number): number[] {
  return [...history, value].slice(-HISTORY_MAX);
}
