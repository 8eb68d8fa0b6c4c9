/** The master alarm table: which rules are looked for, and how they stand together. Pure. */

import type { FieldValue, RuleView } from './types.ts';

export interface Group {
  unit: string | null;
  name: string | null;
  rules: RuleView[];
}

/** The rules that have all the words in them, by unit in the order of the table; what belongs to no unit comes last. */
export function grouped(rules: readonly RuleView[], query: string): Group[] {
  const wanted = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const groups = new Map<string | null, Group>();
  for (const rule of rules) {
    const words = [rule.rule, rule.name, rule.unit_name ?? '', rule.object_name ?? '', ...rule.tags, rule.guidance].join(' ').toLowerCase();
    if (!wanted.every((word) => words.includes(word))) continue;
    const group = groups.get(rule.unit_name) ?? { unit: rule.unit, name: rule.unit_name, rules: [] };
    group.rules.push(rule);
    groups.set(rule.unit_name, group);
  }
  return [...groups.values()].sort((one, other) => Number(one.name === null) - Number(other.name === null));
}

/** A parameter by its name. */
export const parameter = (rule: RuleView, name: string): FieldValue | undefined => rule.parameters.find((one) => one.name === name)?.value;

/** Whether a limit is crossed upward, by the kind of its rule; null where the rule has none. */
export function isHigh(rule: RuleView): boolean | null {
  const [limit, clear] = [parameter(rule, 'limit'), parameter(rule, 'clear')];
  if (typeof limit !== 'number' || typeof clear !== 'number') return null;
  if (limit !== clear) return limit > clear;
  return !(rule.rule_kind === 'limit_l' || rule.rule_kind === 'limit_ll' || rule.rule_kind === 'gas_oxygen_deficiency');
}
