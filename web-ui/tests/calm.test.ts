import { describe, expect, it } from 'vitest';
import { hold } from '../src/lib/calm.ts';

interface Row { id: string; state: string }
const row = (id: string, state = 'open'): Row => ({ id, state });
const key = (one: Row) => one.id;
const look = (held: ReturnType<typeof hold<Row>>) => held.rows.map(({ row: one, gone }) => `${one.id} ${one.state}${gone ? ' gone' : ''}`);

describe('hold', () => {
  it('is the live list while nobody points', () => {
    expect(look(hold(null, [row('b'), row('a')], key))).toEqual(['b open', 'a open']);
  });

  it('keeps rows where they are, however the live list is sorted', () => {
    const held = hold([row('a'), row('b')], [row('b'), row('a')], key);
    expect([look(held), held.waiting]).toEqual([['a open', 'b open'], 0]);
  });

  it('shows what a held row has become', () => {
    expect(look(hold([row('a')], [row('a', 'acknowledged')], key))).toEqual(['a acknowledged']);
  });

  it('keeps a row that has gone, marked, as it was last', () => {
    expect(look(hold([row('a'), row('b')], [row('b')], key))).toEqual(['a open gone', 'b open']);
  });

  it('counts new rows and lets them wait', () => {
    const held = hold([row('a')], [row('new'), row('a'), row('newer')], key);
    expect([look(held), held.waiting]).toEqual([['a open'], 2]);
  });

  it('does not call a row gone that only its filter hides', () => {
    const all = [row('a', 'acknowledged'), row('b')];
    expect(look(hold([row('a'), row('b')], [row('b')], key, all))).toEqual(['a acknowledged', 'b open']);
  });

  it('stays still under many changes', () => {
    const shown = Array.from({ length: 40 }, (_, at) => row(`alarm-${at}`));
    for (let turn = 0; turn < 100; turn += 1) {
      const live = shown.filter((_, at) => (at * 7 + turn) % 5 !== 0).reverse().concat(row(`new-${turn}`));
      const held = hold(shown, live, key);
      expect(held.rows.map((one) => one.key)).toEqual(shown.map(key));
      expect(held.waiting).toBe(1);
    }
  });
});
