/** Walks through the journal, which is read from its beginning, from its end and by time. Pure but for `read`. */

import type { JournalEntry, Page } from './types.ts';

/** The kinds of records, as the gateway names them. */
export const KINDS = ['alarm', 'warning', 'measure', 'unit', 'task', 'hazard', 'hidden', 'person', 'ticket', 'change', 'gap', 'evidence', 'status', 'audit'] as const;
export type Kind = (typeof KINDS)[number];

export type Entry = JournalEntry<Record<string, unknown>>;

export interface Asked {
  after: number;
  limit: number;
  kind: string | null;
}

/** Reads rows after a place, the oldest first. */
export type Read = (asked: Asked) => Promise<Page<Entry>>;

/** Rows read at once. */
export const CHUNK = 1_000;

/** The place before the first row that is not older than a moment, by halving: rows stand in the order they were committed. */
export async function placeOf(read: Read, moment: number, head: number): Promise<number> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [row] = (await read({ after: middle, limit: 1, kind: null })).items;
    if (row === undefined || row.seq > head || Date.parse(row.at) >= moment) high = middle;
    else low = Math.min(head, row.seq);
  }
  return low;
}

/** Every row of a kind after one place and up to another, at most `most`; whether that is all. */
export async function between(read: Read, after: number, until: number, kind: string | null, most: number): Promise<{ rows: Entry[]; whole: boolean }> {
  const rows: Entry[] = [];
  for (let place = after; place < until; ) {
    if (rows.length >= most) return { rows, whole: false };
    const page = await read({ after: place, limit: Math.min(CHUNK, most - rows.length), kind });
    rows.push(...page.items.filter((row) => row.seq <= until));
    if (page.next === null) break;
    place = Number(page.next);
  }
  return { rows, whole: true };
}

export interface Wanted {
  /** The kinds to show; all where it is empty. */
  kinds: readonly Kind[];
  /** Words that must all stand in the row. */
  words: string;
  /** Not older than this. */
  from: number | null;
  /** Of audits: whose name has this in it, and which action; any where they are empty. */
  by?: string;
  action?: string;
}

export interface Found {
  /** The newest first. */
  rows: Entry[];
  /** Nothing at or below this place has been looked at; 0 at the beginning of the journal. */
  place: number;
  /** The time of the oldest row that was looked at. */
  seenTo: string | null;
}

/** How far one look goes back: further where the gateway leaves out what is of another kind. */
const FURTHER = 10;

/** Looks back from a place for rows, until there are enough or too much has been looked at. */
export async function lookBack(read: Read, before: number, wanted: Wanted, enough: number, looksMax: number): Promise<Found> {
  const found: Found = { rows: [], place: before, seenTo: null };
  const kinds = wanted.kinds.length === 0 ? [null] : wanted.kinds;
  const far = wanted.kinds.length === 0 ? CHUNK : CHUNK * FURTHER;
  for (let look = 0; look < looksMax && found.place > 0 && found.rows.length < enough; look += 1) {
    const after = Math.max(0, found.place - far);
    const parts = await Promise.all(kinds.map((kind) => between(read, after, found.place, kind, far)));
    const rows = parts.flatMap((part) => part.rows).sort((one, other) => one.seq - other.seq);
    found.rows.push(...rows.filter((row) => matches(row, wanted)).reverse());
    found.seenTo = rows[0]?.at ?? found.seenTo;
    found.place = after;
    if (wanted.from !== null && rows.some((row) => Date.parse(row.at) < (wanted.from ?? 0))) found.place = 0;
  }
  return found;
}

export function matches(entry: Entry, { kinds, words, from, by = '', action = '' }: Wanted): boolean {
  if (kinds.length > 0 && !kinds.some((kind) => kind === entry.kind)) return false;
  if (from !== null && Date.parse(entry.at) < from) return false;
  if (action !== '' && entry.record.action !== action) return false;
  if (by.trim() !== '' && !String(entry.record.by ?? '').toLowerCase().includes(by.trim().toLowerCase())) return false;
  const asked = words.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (asked.length === 0) return true;
  const text = `${entry.id} ${JSON.stringify(entry.record)}`.toLowerCase();
  return asked.every((word) => text.includes(word));
}

/** What a row is about: the id that its kind is known by. */
export function subject({ kind, record }: Entry): string {
  const of: Record<string, string> = { measure: 'measure', unit: 'unit', hidden: 'rule', gap: 'source', change: 'rule', evidence: 'warning', audit: 'object', status: 'change' };
  const id = record[of[kind] ?? 'id'];
  return typeof id === 'string' ? id : '';
}

/** Fields that name what a record came from or led to. */
const LINKS = ['id', 'warning', 'alarm', 'task', 'tasks', 'alarms', 'causes', 'findings', 'reissue_of'] as const;

/** The ids that a record of a warning, an alarm, a task or a hazard names. */
export function named(record: Record<string, unknown>): string[] {
  return LINKS.flatMap((field) => ids(record[field]));
}

function ids(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(ids);
  if (typeof value !== 'object' || value === null) return [];
  const { id, alarm, task } = value as Record<string, unknown>;
  return [id, alarm, task].flatMap(ids);
}

/** Leaves out what says no more than the row before it of the same thing; beside each row, how many were left out after it. */
export function folded(rows: readonly Entry[], says: (row: Entry) => string): { row: Entry; more: number }[] {
  const last = new Map<string, { row: Entry; more: number; said: string }>();
  const kept: { row: Entry; more: number; said: string }[] = [];
  for (const row of rows) {
    const [about, said] = [`${row.kind} ${subject(row)}`, says(row)];
    const before = last.get(about);
    if (before?.said === said && row.kind !== 'audit') before.more += 1;
    else {
      const next = { row, more: 0, said };
      last.set(about, next);
      kept.push(next);
    }
  }
  return kept;
}

const CHAINED = ['alarm', 'warning', 'task', 'hazard', 'evidence'];

/** Why something is there and what became of it: the rows, in the order of time, of everything that it is joined to by name. */
export function chain(rows: readonly Entry[], start: string): { ids: string[]; rows: Entry[] } {
  const known = new Set([start]);
  for (let before = 0; before !== known.size; ) {
    before = known.size;
    for (const row of rows) {
      if (!CHAINED.includes(row.kind)) continue;
      const own = named(row.record);
      if (own.some((id) => known.has(id))) own.forEach((id) => known.add(id));
    }
  }
  const isPart = (row: Entry) => (CHAINED.includes(row.kind) ? named(row.record).some((id) => known.has(id)) : row.kind === 'audit' && known.has(subject(row)));
  return { ids: [...known], rows: rows.filter(isPart) };
}
