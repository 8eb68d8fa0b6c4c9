import { describe, expect, it } from 'vitest';
import { fold, isNeverFolded } from '../src/lib/flood.ts';
import type { AlarmRecord, Priority } from '../src/lib/types.ts';

const alarm = (key: string, unit: string | null, priority: Priority, more: Partial<AlarmRecord> = {}) => ({
  key, gone: false, row: { id: key, unit, priority, rule_kind: 'limit_h', first_out: false, ...more } as AlarmRecord,
});

describe('a flood', () => {
  it('is folded by unit, the worst first, and of two alike the one with more', () => {
    const { folds } = fold([
      alarm('a', 'U1', 'low'), alarm('b', 'U2', 'high'), alarm('c', 'U3', 'high'), alarm('d', 'U3', 'high'), alarm('e', null, 'medium'), alarm('f', 'U1', 'low'),
    ]);
    expect(folds.map(({ unit, counts }) => [unit, ...counts.map(({ priority, n }) => `${n} ${priority}`)])).toEqual([
      ['U3', '2 high'], ['U2', '1 high'], [null, '1 medium'], ['U1', '2 low'],
    ]);
  });

  it('never folds the first out, a call for help or a gas alarm', () => {
    const rows = [alarm('a', 'U1', 'low', { first_out: true }), alarm('b', 'U1', 'low', { rule_kind: 'sos' }), alarm('c', 'U1', 'low', { rule_kind: 'gas_toxic_l1' }), alarm('d', 'U1', 'critical')];
    const { top, folds } = fold(rows);
    expect(top.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    expect(folds.map(({ rows: of }) => of.map(({ key }) => key))).toEqual([['d']]);
    expect(isNeverFolded(rows[3]!.row)).toBe(false);
  });

  it('loses no alarm', () => {
    const rows = Array.from({ length: 60 }, (_, at) => alarm(`${at}`, at % 7 === 0 ? null : `U${at % 5}`, (['low', 'medium', 'high', 'critical'] as const)[at % 4]!, { first_out: at === 9 }));
    const { top, folds } = fold(rows);
    expect([...top, ...folds.flatMap((one) => one.rows)].map(({ key }) => key).sort()).toEqual(rows.map(({ key }) => key).sort());
  });
});
