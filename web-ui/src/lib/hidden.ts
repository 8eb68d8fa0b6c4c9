/** What is hidden now, in words: who or what hides it, why, since when and until when. */

import { gateway } from './gateway.svelte.ts';
import { locale, t } from './i18n/index.svelte.ts';
import { duration, since } from './time.ts';
import type { HiddenRecord, Hiding, HidingKind } from './types.ts';
import { at } from './words.ts';

/** The way that names a rule hidden in several. */
const ORDER: readonly HidingKind[] = ['out_of_service', 'shelved', 'unit_stopped', 'suppressed_by_rule'];

export const kindOf = (record: HiddenRecord): HidingKind =>
  ORDER.find((kind) => record.hidden_because.some((hiding) => hiding.kind === kind)) ?? 'suppressed_by_rule';

/** How many rules are hidden in which way, ways without any left out. */
export function counts(records: readonly HiddenRecord[]): [HidingKind, number][] {
  const all = ORDER.map((kind): [HidingKind, number] => [kind, records.filter((record) => kindOf(record) === kind).length]);
  return all.filter(([, n]) => n > 0);
}

/** `搁置：陈静，仪表检修` */
export function because(hiding: Hiding): string {
  const by = hiding.by ?? hiding.suppressor ?? '';
  return t('hidden.because', { kind: t(`hiding.${hiding.kind}`), by, reason: hiding.reason });
}

/** `10:00:00 起，还有 25 分 00 秒` */
export function term(hiding: Hiding): string {
  const begun = t('time.since', { time: at(hiding.since) });
  const left = since(hiding.until, gateway.now);
  const end = left === null ? t('hidden.open_end') : t('time.left', { d: duration(-left, locale.value) });
  return [begun, end, hiding.one_shot ? t('hidden.once') : ''].filter((part) => part !== '').join(t('hidden.comma'));
}
