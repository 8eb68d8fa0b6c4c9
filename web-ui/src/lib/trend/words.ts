/** What is said of a trend. */

import { has, t } from '../i18n/index.svelte.ts';
import { kindName } from '../tableWords.ts';
import type { GapRecord } from '../types.ts';
import type { LimitLine } from './marks.ts';
import type { Gap } from './series.ts';
import { reasonWords } from '../words.ts';

/** `HH` and its kin, the stages of gas detectors, or what the rule is called. */
export function limitName({ rule_kind, high }: LimitLine): string {
  const mark = /^limit_(hh|h|l|ll)$/.exec(rule_kind)?.[1]?.toUpperCase();
  const keys = [`limit.${mark ?? ''}`, `gas_limit.${rule_kind}`];
  const key = keys.find(has);
  const words = key !== undefined && has(key) ? t(key) : kindName(rule_kind);
  if (mark !== undefined) return `${mark} ${words === mark ? '' : words}`.trim();
  return rule_kind === 'out_of_range' && high !== null ? t(high ? 'trends.range_high' : 'trends.range_low') : words;
}

/** Why nothing is known: in the words of the journal where it has some. */
export function gapWords(gap: Gap, record: GapRecord | null): string {
  const why = t(`gap.${gap.why}`);
  return record === null || record.reason === '' ? why : t('trends.gap_because', { why, reason: reasonWords(record.reason) });
}
