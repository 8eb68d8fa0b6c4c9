import { describe, expect, it } from 'vitest';
import { grouped, isHigh } from '../src/lib/table.ts';
import type { RuleView } from '../src/lib/types.ts';

const rule = (id: string, unit: string | null, more: Partial<RuleView> = {}) =>
  ({ rule: id, name: `${id} 报警`, unit, unit_name: unit, object_name: null, tags: [id], guidance: '', rule_kind: 'limit_h', parameters: [], ...more }) as unknown as RuleView;
const limit = (trip: number, clear: number, rule_kind = 'limit_h') => rule('a', 'U', { rule_kind, parameters: [{ name: 'limit', value: trip }, { name: 'clear', value: clear }] });

describe('the alarm table', () => {
  it('stands by unit, what belongs to none last', () => {
    const groups = grouped([rule('a', 'U2'), rule('s', null), rule('b', 'U1'), rule('c', 'U2')], '');
    expect(groups.map(({ name, rules }) => [name, ...rules.map((one) => one.rule)])).toEqual([['U2', 'a', 'c'], ['U1', 'b'], [null, 's']]);
  });

  it('finds a rule by all the words that are looked for', () => {
    const rules = [rule('LI-1', '储罐单元', { guidance: '停止进料' }), rule('TI-1', '储罐单元'), rule('LI-2', '反应单元')];
    const found = (query: string) => grouped(rules, query).flatMap((group) => group.rules.map((one) => one.rule));
    expect([found('li'), found('储罐 li'), found('进料'), found('没有')]).toEqual([['LI-1', 'LI-2'], ['LI-1'], ['LI-1'], []]);
  });

  it('knows which way a limit is crossed', () => {
    expect([isHigh(limit(80, 79)), isHigh(limit(10, 12)), isHigh(limit(10, 10, 'limit_l')), isHigh(limit(10, 10)), isHigh(rule('a', 'U'))]).toEqual([true, false, false, true, null]);
  });
});
