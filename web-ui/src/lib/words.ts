/** What was observed, in words. */

import { exact, qualityName, severity, value } from './format.ts';
import { gateway } from './gateway.svelte.ts';
import { has, locale, t } from './i18n/index.svelte.ts';
import { clockTime, duration, since } from './time.ts';
import type { PairedValue, PairTrigger, Trigger, ValueTrigger } from './types.ts';

/** The observation in parts: what was seen, what it is held against, and what is odd about it. */
export interface Observed {
  what: string;
  subject: string;
  against: string;
  odd: string;
  oddSeverity: 'uncertain' | 'bad';
}

export function observed(trigger: Trigger): Observed {
  const rest = { against: '', odd: '', oddSeverity: 'bad' as const };
  switch (trigger.observed) {
    case 'value':
      return observedValue(trigger);
    case 'pair':
      return observedPair(trigger);
    case 'sos':
      return { ...rest, subject: trigger.person.id, what: t('trigger.sos', { name: trigger.person.name }), against: t('trigger.sos_where', { zone: zoneName(trigger.person.zone) }) };
    case 'crowd':
      return { ...rest, subject: trigger.zone, what: t('trigger.crowd', { zone: trigger.name, n: trigger.people_count, max: trigger.people_max }) };
    case 'sight':
      return { ...rest, subject: trigger.camera, what: t('trigger.sight', { camera: trigger.name, algorithm: trigger.algorithm, confidence: trigger.confidence.toFixed(2), frames: trigger.frames }) };
    case 'overdue':
      return { ...rest, subject: trigger.role === null ? '' : t(`role.${trigger.role}`), what: t('trigger.overdue', { n: trigger.count }), against: trigger.unit === null ? '' : unitName(trigger.unit) };
    case 'link':
      return { ...rest, subject: trigger.id, what: t('trigger.link', { name: trigger.name, reason: trigger.reason }) };
  }
}

function observedValue(trigger: ValueTrigger): Observed {
  const unit = trigger.engineering_unit ? ` ${trigger.engineering_unit}` : '';
  const grade = severity(trigger.quality);
  const against = trigger.limit
    ? `${trigger.limit.kind.startsWith('H') ? '≥' : '≤'} ${t(`limit.${trigger.limit.kind}`)} ${exact(trigger.limit.trip)}${unit}`
    : '';
  return {
    subject: trigger.tag,
    what: trigger.value === null ? t('trigger.no_value') : `${value(trigger.value)}${unit}`,
    against,
    odd: grade === 'good' ? '' : qualityName(trigger.quality),
    oddSeverity: grade === 'uncertain' ? 'uncertain' : 'bad',
  };
}

function observedPair(trigger: PairTrigger): Observed {
  const { first, second, difference } = trigger;
  const bad = [first, second].filter((one) => severity(one.quality) === 'bad');
  const odd = [first, second].filter((one) => severity(one.quality) !== 'good');
  return {
    subject: `${first.tag} ${second.tag}`,
    what: t('trigger.pair', { first: paired(first, difference), second: paired(second, difference) }),
    against: difference === null ? '' : t('trigger.pair_difference', { most: `${exact(difference)}${inUnit(first)}` }),
    odd: odd.map((one) => `${one.tag} ${qualityName(one.quality)}`).join(' '),
    oddSeverity: bad.length > 0 ? 'bad' : 'uncertain',
  };
}

/** Of a pair without a difference only on and off are compared. */
function paired(one: PairedValue, difference: number | null): string {
  if (one.value === null) return `${one.name} ${t('trigger.no_value')}`;
  const shown = difference === null ? t(one.value === 0 ? 'trigger.off' : 'trigger.on') : `${value(one.value)}${inUnit(one)}`;
  return `${one.name} ${shown}`;
}

function inUnit(one: PairedValue): string {
  return one.engineering_unit ? ` ${one.engineering_unit}` : '';
}

export function zoneName(zone: string | null): string {
  return zone === null ? t('trigger.nowhere') : (gateway.zoneNames.get(zone) ?? zone);
}

export function unitName(unit: string | null): string {
  return unit === null ? t('alarms.system') : (gateway.unitNames.get(unit) ?? unit);
}

export function measureName(measure: string | null): string {
  return measure === null ? '' : (gateway.measureById.get(measure)?.description ?? measure);
}

/** The name of a lane of an uplink; what is not known keeps its own. */
export function laneName(lane: string): string {
  const key = `lane.${lane}`;
  return has(key) ? t(key) : lane;
}

/** The name of a kind of record. */
export function recordName(kind: string): string {
  const key = `record.${kind}`;
  return has(key) ? t(key) : kind;
}

/** The moment, with the date when it is not today's. */
export function at(time: string | null | undefined): string {
  return clockTime(time, gateway.now);
}

/** How long it has lasted. */
export function lasted(time: string | null | undefined): string {
  const ms = since(time, gateway.now);
  return ms === null ? '—' : duration(ms, locale.value);
}

export function ago(time: string | null | undefined): string {
  const ms = since(time, gateway.now);
  if (ms === null) return '—';
  return ms < 1_000 ? t('time.now') : t('time.ago', { d: duration(ms, locale.value) });
}
