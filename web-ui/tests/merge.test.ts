import { describe, expect, it } from 'vitest';
import { HISTORY_MAX, mergeSection, remember, same, SECTION_NAMES, shareRows } from '../src/lib/merge.ts';

describe('mergeSection', () => {
  it('keeps the very objects that have not changed', () => {
    const old = [{ zone: 'Z-1', people_count: 1 }, { zone: 'Z-2', people_count: 0 }];
    const next = mergeSection('zones', old, [{ zone: 'Z-2', people_count: 3 }, { zone: 'Z-1', people_count: 1 }]);
    expect(next[1]).toBe(old[0]);
    expect(next[0]).toEqual({ zone: 'Z-2', people_count: 3 });
  });

  it('keeps a section that is no list as long as it says the same', () => {
    const old = { lamp: 'red', pattern: 'flash' };
    expect(mergeSection('annunciation', old, { ...old })).toBe(old);
    expect(mergeSection('annunciation', old, { lamp: 'green', pattern: 'steady' })).toEqual({ lamp: 'green', pattern: 'steady' });
  });

  it('refuses what is not the list it was promised', () => {
    for (const odd of [null, {}, 'x', 3]) expect(() => mergeSection('alarms', [], odd)).toThrow('section alarms is not a list');
  });

  it('takes what has changed of a list', () => {
    const old = [{ zone: 'Z-1', people_count: 1 }, { zone: 'Z-2', people_count: 0 }];
    const grown = mergeSection('zones', old, { rows: [{ zone: 'Z-2', people_count: 3 }] });
    expect(grown).toEqual([{ zone: 'Z-1', people_count: 1 }, { zone: 'Z-2', people_count: 3 }]);
    expect(grown[0]).toBe(old[0]);
    const moved = mergeSection('zones', grown, { order: ['Z-3', 'Z-2'], rows: [{ zone: 'Z-3', people_count: 7 }] });
    expect(moved.map((zone) => zone.zone)).toEqual(['Z-3', 'Z-2']);
    expect(moved[1]).toBe(grown[1]);
    expect(() => mergeSection('zones', moved, { order: ['Z-9'], rows: [] })).toThrow('row Z-9 is not known');
    expect(mergeSection('zones', moved, { order: [], rows: [] })).toEqual([]);
  });

  it('begins with nothing', () => {
    expect(mergeSection('tags', undefined, [])).toEqual([]);
  });
});

describe('same', () => {
  it('is deep equality of JSON', () => {
    expect(same({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true);
    for (const [one, other] of [[{ a: 1 }, { b: 1 }], [{ a: 1 }, { a: 1, b: 1 }], [[1], { 0: 1 }], [null, {}], [1, '1'], [[1, 2], [2, 1]]] as const) {
      expect(same(one, other)).toBe(false);
    }
  });
});

it('the order of a list is the newest order', () => {
  const rows = shareRows([{ k: 'a' }, { k: 'b' }], [{ k: 'b' }, { k: 'c' }, { k: 'a' }], (row) => row.k);
  expect(rows.map((row) => row.k)).toEqual(['b', 'c', 'a']);
});

it('what is remembered has an end', () => {
  let history: number[] = [];
  for (let at = 0; at < HISTORY_MAX + 7; at += 1) history = remember(history, at);
  expect([history.length, history[0]]).toEqual([HISTORY_MAX, 7]);
});

it('every section has one name', () => {
  expect(new Set(SECTION_NAMES).size).toBe(18);
});
