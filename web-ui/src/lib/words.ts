/** What was observed, in words. */

import { exact, qualityName, severity, value } from './format.ts';
import { gateway } from './gateway.svelte.ts';
import { has, locale, t } from './i18n/index.svelte.ts';
import { clockTime, duration, since } from './time.ts';
import type { ClockState, Offender, PairedValue, PairTrigger, StorageState, SystemSight, Trigger, ValueTrigger } from './types.ts';

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
    case 'link':
      return { ...rest, subject: trigger.id, what: t('trigger.link', { name: trigger.name, reason: trigger.reason }) };
    case 'system':
      return { ...rest, subject: '', ...observedSystem(trigger.about) };
  }
}

function observedSystem(about: SystemSight): { what: string; against?: string } {
  switch (about.system) {
    case 'flood':
      return {
        what: t('trigger.flood', { n: about.alarm_count, d: duration(about.window_ms, locale.value) }),
        against: t('trigger.flood_first', { first: about.first_out.name, worst: about.worst.name }),
      };
    case 'offenders':
      return { what: t('trigger.offenders', { n: about.rule_count, names: about.rules.map(offender).join(t('trigger.and')) }) };
    case 'clock':
      return { what: clockWords(about) };
    case 'storage':
      return { what: t('trigger.storage', { percent: filledPercent(about) ?? '—' }) };
    case 'silence':
      return { what: t('trigger.silence', { d: duration(about.silenced_ms, locale.value) }), against: about.by === null ? '' : t('trigger.silence_by', { by: about.by }) };
  }
}

/** A rule that is a nuisance, with how often or since when. */
export function offender(rule: Offender): string {
  return rule.raised_at === null ? t('trigger.offender', { name: rule.name, n: rule.count }) : t('trigger.standing', { name: rule.name, since: at(rule.raised_at) });
}

export function clockWords(clock: ClockState): string {
  const state = clock.synchronised === null ? 'unknown' : clock.synchronised ? 'synchronised' : 'free';
  const off = clock.offset_ms === null ? '' : ` ${t('trigger.clock_off', { ms: clock.offset_ms })}`;
  return `${t(`trigger.clock_${state}`)}${off}`;
}

/** How much of the room the journal takes, in whole percent; null when the room is not known. */
export function filledPercent({ used_bytes, budget_bytes, free_bytes }: StorageState): number | null {
  const rooms = [budget_bytes, free_bytes === null ? null : free_bytes + used_bytes].filter((room) => room !== null);
  return rooms.length === 0 ? null : Math.floor((used_bytes * 100) / Math.max(1, Math.min(...rooms)));
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
