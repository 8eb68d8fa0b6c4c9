import { describe, expect, it } from 'vitest';
import { zh } from '../src/lib/i18n/zh/index.ts';
import { between, chain, CHUNK, folded, KINDS, lookBack, matches, placeOf, subject, type Asked, type Entry } from '../src/lib/journal.ts';
import document from '../../docs/schemas/openapi.json';

const T0 = Date.UTC(2026, 10, 23);
const row = (seq: number, kind: string, record: Record<string, unknown> = {}): Entry => ({ id: `GW/1/${seq}`, seq, at: new Date(T0 + seq * 1000).toISOString(), kind, record });
const KIND = (seq: number) => (seq % 10 === 0 ? 'alarm' : 'person');

/** A journal of so many rows, the first of which are no more; counts what is asked of it. */
function journal(head: number, first = 1) {
  const asked: Asked[] = [];
  const read = async (one: Asked) => {
    asked.push(one);
    const items: Entry[] = [];
    let seq = Math.max(one.after + 1, first);
    for (; seq <= head && items.length < one.limit; seq += 1) if (one.kind === null || one.kind === KIND(seq)) items.push(row(seq, KIND(seq), { name: `row ${seq}` }));
    return { items, next: seq > head ? null : String(seq - 1) };
  };
  return { read, asked };
}

describe('a place in the journal', () => {
  it.each([[5, 1], [5_000, 1], [5_000, 4_000]])('of %i rows from %i on is found by time, in few questions', async (head, first) => {
    for (const seq of [first, first + 1, Math.floor((first + head) / 2), head]) {
      const { read, asked } = journal(head, first);
      const place = await placeOf(read, T0 + seq * 1000, head);
      expect((await read({ after: place, limit: 1, kind: null })).items[0]?.seq).toBe(seq);
      expect(asked.length).toBeLessThan(16);
    }
    expect(await placeOf(journal(head, first).read, T0 + (head + 1) * 1000, head)).toBe(head);
  });
});

describe('looking back', () => {
  it('gives the newest first and goes on where it ended', async () => {
    const { read } = journal(35_000);
    const wanted = { kinds: ['alarm'] as ('alarm')[], words: '', from: null };
    const first = await lookBack(read, 35_000, wanted, 1_500, 9);
    expect([first.rows[0]?.seq, first.rows.at(-1)?.seq, first.place]).toEqual([35_000, 15_010, 15_000]);
    const rest = await lookBack(read, first.place, wanted, 9_999, 9);
    expect([rest.rows[0]?.seq, rest.rows.at(-1)?.seq, rest.place]).toEqual([15_000, 10, 0]);
    const both = await lookBack(read, 35_000, { ...wanted, kinds: ['alarm', 'person'] }, 100, 9);
    expect(both.rows.slice(0, 3).map(({ seq }) => seq)).toEqual([35_000, 34_999, 34_998]);
  });

  it('asks the gateway for one kind alone, and looks at no more than it may', async () => {
    const { read, asked } = journal(90 * CHUNK);
    const found = await lookBack(read, 90 * CHUNK, { kinds: ['alarm'], words: 'nothing of that', from: null }, 5, 3);
    expect([found.rows.length, found.place, new Set(asked.map(({ kind }) => kind))]).toEqual([0, 60 * CHUNK, new Set(['alarm'])]);
  });

  it('stops where what it looks for is too old', async () => {
    const found = await lookBack(journal(5_000).read, 5_000, { kinds: [], words: '', from: T0 + 4_500_000 }, 10_000, 9);
    expect([found.rows.at(-1)?.seq, found.place]).toEqual([4_500, 0]);
  });

  it('says when not all fit', async () => {
    const { read } = journal(5_000);
    expect([(await between(read, 0, 5_000, null, 2_500)).whole, (await between(read, 0, 2_000, null, 2_500)).rows.length]).toEqual([false, 2_000]);
  });
});

it('a row is found by its kind, its age and all the words that are looked for', () => {
  const entry = row(7, 'audit', { by: '陈静', action: 'retry_parked', object: 'enterprise' });
  const is = (words: string, kinds: ('audit' | 'alarm')[] = [], from: number | null = null) => matches(entry, { kinds, words, from });
  expect([is('陈静 RETRY'), is('陈静 shelve'), is('gw/1/7'), is('', ['alarm']), is('', ['alarm', 'audit']), is('', [], T0 + 7_001)]).toEqual([true, false, true, false, true, false]);
  expect([subject(entry), subject(row(1, 'alarm', { id: 'A~1.2' })), subject(row(1, 'gap', { source: 'dcs' })), subject(row(1, 'unit', {}))]).toEqual(['enterprise', 'A~1.2', 'dcs', '']);
});

it('why something is there is everything that it is joined to by name, in the order of time', () => {
  const rows = [
    row(1, 'alarm', { id: 'A1', rule: 'r' }), row(2, 'alarm', { id: 'A9', rule: 'r' }), row(3, 'warning', { id: 'W1', alarms: [{ id: 'A1' }], tasks: [] }), row(4, 'task', { id: 'T1', warning: 'W1', alarm: 'A1', causes: [{ alarm: 'A2' }] }),
    row(5, 'alarm', { id: 'A2' }), row(6, 'audit', { action: 'accept_task', object: 'T1' }), row(7, 'audit', { object: 'T9' }), row(8, 'hazard', { id: 'H1', warning: 'W1', findings: [] }), row(9, 'task', { id: 'T9', warning: null }), row(10, 'person', { id: 'A1' }),
  ];
  for (const start of ['H1', 'T1', 'A2', 'W1']) expect(chain(rows, start).rows.map(({ seq }) => seq), start).toEqual([1, 3, 4, 5, 6, 8]);
  expect(chain(rows, 'T9').rows.map(({ seq }) => seq)).toEqual([7, 9]);
});

it('rows that only repeat are folded into the first, but what people did never', () => {
  const rows = [row(1, 'warning', { id: 'W', n: 1 }), row(2, 'alarm', { id: 'A' }), row(3, 'warning', { id: 'W', n: 1 }), row(4, 'warning', { id: 'W', n: 2 }), row(5, 'audit', { object: 'A' }), row(6, 'audit', { object: 'A' })];
  expect(folded(rows, ({ record }) => String(record.n)).map(({ row: { seq }, more }) => [seq, more])).toEqual([[1, 1], [2, 0], [4, 0], [5, 0], [6, 0]]);
});

/** The names of all fields that a schema of the published document leads to. */
function fieldsOf(names: string[]): Set<string> {
  const schemas = document.components.schemas as Record<string, unknown>;
  const [fields, seen] = [new Set<string>(), new Set<string>()];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null) return;
    for (const [key, inner] of Object.entries(node)) {
      if (key === 'properties') Object.keys(inner as object).forEach((field) => fields.add(field));
      if (key === '$ref') visit(String(inner).split('/').at(-1) ?? '');
      else walk(inner);
    }
  };
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    walk(schemas[name]);
  };
  names.forEach(visit);
  return fields;
}

it('every field of a record has words, and every kind of record a name', () => {
  const records = ['Alarm', 'Warning', 'Measure', 'Unit', 'Task', 'Hazard', 'Hidden', 'Ticket', 'Change', 'Gap', 'Status', 'Audit'].map((name) => `${name}Record`);
  expect([...fieldsOf(records)].filter((field) => !(`item.${field}` in zh))).toEqual([]);
  expect(KINDS.filter((kind) => !(`record.${kind}` in zh))).toEqual([]);
});
