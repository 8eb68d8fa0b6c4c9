import { describe, expect, it } from 'vitest';
import { fold, isNeverFolded, lines } from '../src/lib/flood.ts';
import type { AlarmRecord, Priority } from '../src/lib/types.ts';

const alarm = (key: string, unit: string | null, priority: Priority, more: Partial<AlarmRecord> = {}) => ({
  key, gone: false, row: { id: key, rule: `rule-${key}`, unit, priority, rule_kind: 'limit_h', first_out: false, never_hidden: false, ...more } as AlarmRecord,
});

describe('a flood', () => {
  it('is folded by unit, the worst first, and of two alike the one with more', () => {
    const { folds } = fold([
      alarm('a', 'U1', 'low'), alarm('b', 'U2', 'high'), alarm('c', 'U3', 'high'), alarm('d', 'U3', 'high'), alarm('e', null, 'medium'), alarm('f', 'U1', 'low'),
    ], []);
    expect(folds.map(({ unit, counts }) => [unit, ...counts.map(({ priority, n }) => `${n} ${priority}`)])).toEqual([
      ['U3', '2 high'], ['U2', '1 high'], [null, '1 medium'], ['U1', '2 low'],
    ]);
  });

  it('never folds its own first out and its worst, though no group names them', () => {
    const rows = [alarm('a', 'U1', 'critical'), alarm('b', 'U2', 'low'), alarm('c', 'U2', 'critical')];
    const { top, folds } = fold(rows, ['rule-b', 'rule-c']);
    expect(top.map(({ key }) => key)).toEqual(['b', 'c']);
    expect(folds.map(({ rows: of }) => of.map(({ key }) => key))).toEqual([['a']]);
  });

  it('never folds the first out of a group, nor what lives hang on, whatever the kind of its rule', () => {
    const rows = [
      alarm('a', 'U1', 'low', { first_out: true }), alarm('b', 'U1', 'low', { rule_kind: 'sos', never_hidden: true }),
      alarm('c', 'U1', 'low', { rule_kind: 'voting', never_hidden: true }), alarm('d', 'U1', 'low', { rule_kind: 'compound', never_hidden: true }), alarm('e', 'U1', 'critical'),
    ];
    const { top, folds } = fold(rows, []);
    expect(top.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
    expect(folds.map(({ rows: of }) => of.map(({ key }) => key))).toEqual([['e']]);
    expect(isNeverFolded(rows[4]!.row, [])).toBe(false);
  });

  it('loses no alarm', () => {
    const rows = Array.from({ length: 60 }, (_, at) => alarm(`${at}`, at % 7 === 0 ? null : `U${at % 5}`, (['low', 'medium', 'high', 'critical'] as const)[at % 4]!, { first_out: at === 9 }));
    const { top, folds } = fold(rows, ['rule-11']);
    expect([...top, ...folds.flatMap((one) => one.rows)].map(({ key }) => key).sort()).toEqual(rows.map(({ key }) => key).sort());
  });

  it('is one list: what is never folded, then each unit with its alarms where it is open', () => {
    const rows = [alarm('a', 'U1', 'critical', { first_out: true }), alarm('b', 'U2', 'high'), alarm('c', 'U1', 'low'), alarm('d', 'U2', 'low')];
    expect(lines(rows, [], ({ unit }) => unit === 'U2').map((line) => [line.key, line.fold !== undefined])).toEqual([
      ['a', false], ['unit U2', true], ['b', false], ['d', false], ['unit U1', true],
    ]);
  });
});
