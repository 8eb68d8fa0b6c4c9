/** What is held against the values of a tag: the limits of its rules, and when they raised an alarm. Pure. */

import { isHigh, parameter } from '../table.ts';
import { tagsSeen } from './subjects.ts';
import type { AlarmRecord, GapRecord, JournalEntry, Priority, RuleView } from '../types.ts';

export interface LimitLine {
  rule: string;
  rule_kind: string;
  tag: string;
  value: number;
  priority: Priority;
  /** Crossed upward; null where that cannot be said. */
  high: boolean | null;
}

/** Every limit of the rules that look at the tag alone, the greatest first. */
export function limitsOf(rules: readonly RuleView[], tag: string): LimitLine[] {
  const lines = rules.filter((rule) => rule.tags.length === 1 && rule.tags[0] === tag).flatMap((rule) => {
    const { rule: id, rule_kind, priority } = rule;
    const line = (value: unknown, high: boolean | null): LimitLine[] => (typeof value === 'number' ? [{ rule: id, rule_kind, tag, value, priority, high }] : []);
    if (rule.rule_kind === 'out_of_range') return [...line(parameter(rule, 'low'), false), ...line(parameter(rule, 'high'), true)];
    return line(parameter(rule, 'limit'), isHigh(rule));
  });
  return lines.sort((one, other) => other.value - one.value);
}

export interface AlarmSpan {
  alarm: string;
  rule: string;
  name: string;
  tags: readonly string[];
  priority: Priority;
  from: number;
  /** Infinity while its condition holds. */
  until: number;
}

/** When the alarms of some tags began and ended, from their records in the order of time. Each time that one is raised anew is a span. */
export function alarmSpans(records: readonly AlarmRecord[], rules: readonly RuleView[], tags: readonly string[]): AlarmSpan[] {
  const looksAt = new Map(rules.map((rule) => [rule.rule, rule.tags]));
  const spans = new Map<string, AlarmSpan>();
  for (const record of records) {
    const about = looksAt.get(record.rule) ?? tagsSeen([record.trigger]);
    if (!about.some((tag) => tags.includes(tag))) continue;
    const { id: alarm, rule, name, priority, latest_raised_at, returned_at } = record;
    const until = returned_at !== null && returned_at >= latest_raised_at ? Date.parse(returned_at) : record.state === 'normal' ? Date.parse(latest_raised_at) : Infinity;
    spans.set(`${alarm} ${latest_raised_at}`, { alarm, rule, name, tags: about, priority, from: Date.parse(latest_raised_at), until });
  }
  return [...spans.values()].sort((one, other) => one.from - other.from);
}

/** Why a source gave nothing at a moment, as the journal has it; null where it says nothing. */
export function gapReason(gaps: readonly JournalEntry<GapRecord>[], source: string, at: number): GapRecord | null {
  return gaps.map((entry) => entry.record).find((gap) => gap.source === source && Date.parse(gap.from) <= at && at <= Date.parse(gap.until)) ?? null;
}
