/** The master alarm table in the words of the field. */

import { exact } from './format.ts';
import { has, locale, t } from './i18n/index.svelte.ts';
import { isHigh, parameter } from './table.ts';
import { span } from './time.ts';
import type { ChangeRecord, FieldValue, Parameter, RuleView } from './types.ts';

/** What a kind of rule is called; one that is not known keeps its own name. */
export function kindName(kind: string): string {
  const key = `rule_kind.${kind}`;
  return has(key) ? t(key) : kind;
}

/** What a field or a parameter is called. */
export function fieldName(field: string): string {
  const key = `field.${field}`;
  return has(key) ? t(key) : field;
}

/** Fields whose numbers are in the engineering unit of the rule's tag. */
const IN_UNIT = ['limit', 'clear', 'low', 'high', 'dead_zone', 'difference', 'change_min', 'range_low', 'range_high', 'per_minute', 'clear_per_minute'];

/** A value of a field. The engineering unit is that of the rule's tag, where it is known. */
export function fieldValue(field: string, value: FieldValue | null, unit: string): string {
  if (value === null || value === '') return t('rules.none');
  if (typeof value === 'boolean') return t(value ? 'rules.yes' : 'rules.no');
  if (typeof value === 'string') return named(field, value);
  if (field.endsWith('_ms')) return span(value, locale.value);
  if (field.endsWith('percent')) return `${exact(value)} %`;
  if (field.endsWith('_m')) return `${exact(value)} m`;
  const amount = IN_UNIT.includes(field) && unit !== '' ? `${exact(value)} ${unit}` : exact(value);
  return field.endsWith('per_minute') ? t('rules.a_minute', { amount }) : amount;
}

function named(field: string, text: string): string {
  const key = { priority: `priority.${text}`, relay_from: `priority.${text}`, horn_from: `priority.${text}`, rule_kind: `rule_kind.${text}`, direction: `direction.${text}`, of_role: `role.${text}` }[field];
  return key !== undefined && has(key) ? t(key) : text;
}

/** What the rule looks for, in one line: `≥ 80 %，恢复 < 78 %`, or its parameters by name. */
export function condition(rule: RuleView): string {
  const up = isHigh(rule);
  const said: string[] = [];
  if (up !== null) {
    const of = (name: string) => fieldValue(name, parameter(rule, name) ?? null, rule.engineering_unit);
    said.push(t('rules.limit', { sign: up ? '≥' : '≤', limit: of('limit'), back: up ? '<' : '>', clear: of('clear') }));
  }
  const others = rule.parameters.filter(({ name }) => up === null || (name !== 'limit' && name !== 'clear'));
  said.push(...others.map((one) => parameterWords(one, rule.engineering_unit)));
  return said.join(t('hidden.comma'));
}

function parameterWords({ name, value }: Parameter, unit: string): string {
  return t('rules.parameter', { name: fieldName(name), value: fieldValue(name, value, unit) });
}

/** How long the condition must hold and be gone; empty where both act at once. */
export function delays(rule: RuleView): string {
  const of = (ms: number) => span(ms, locale.value);
  return rule.on_delay_ms === 0 && rule.off_delay_ms === 0 ? t('rules.at_once') : t('rules.delays', { on: of(rule.on_delay_ms), off: of(rule.off_delay_ms) });
}

/** Who changed the table and why; that nobody said so is said as well. */
export function statedWords({ stated, stated_before, previous_version, config_version }: ChangeRecord): string {
  if (stated === null) return t(previous_version === config_version ? 'changes.program' : 'changes.unstated');
  const { version, author, reason, date } = stated;
  const said = t('changes.stated', { author, reason, date, version: version === null ? '' : `${version} ` });
  return stated_before ? `${said} ${t('changes.stated_before')}` : said;
}
