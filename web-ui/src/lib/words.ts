/** What was observed, in words. */

import { exact, qualityName, severity, value } from './format.ts';
import { gateway } from './gateway.svelte.ts';
import { has, locale, t } from './i18n/index.svelte.ts';
import { said } from './reasons.ts';
import { clockTime, duration, since, span } from './time.ts';
import type { Against, CompoundPart, CompoundTrigger, GasAnalysis, GatheringTrigger, ClockState, Limit, Offender, PairedValue, PairTrigger, PersonTrigger, Position, StaffingTrigger, StorageState, SystemSight, TicketTrigger, Trigger, ValueTrigger } from './types.ts';

/** The observation in parts: what was seen, what it is held against, and what is odd about it. */
export interface Observed {
  what: string;
  subject: string;
  against: string;
  odd: string;
  oddSeverity: 'uncertain' | 'bad';
}

/** `ruleKind` is the kind of the rule, where it is known: a gas detector's set points have names of their own. */
export function observed(trigger: Trigger, ruleKind = ''): Observed {
  const rest = { against: '', odd: '', oddSeverity: 'bad' as const };
  switch (trigger.observed) {
    case 'value':
      return observedValue(trigger, ruleKind);
    case 'pair':
      return observedPair(trigger);
    case 'sos':
      return { ...rest, subject: trigger.person.id, what: t('trigger.sos', { name: trigger.person.name }), against: t('trigger.sos_where', { zone: zoneName(trigger.person.zone) }) };
    case 'crowd':
      return { ...rest, subject: trigger.zone, what: t('trigger.crowd', { zone: trigger.name, n: trigger.people_count, max: trigger.people_max }) };
    case 'gathering':
      return { ...rest, subject: trigger.zone, ...observedGathering(trigger) };
    case 'person':
      return { ...rest, ...observedPerson(trigger) };
    case 'staffing':
      return { ...rest, subject: trigger.zone, ...observedStaffing(trigger) };
    case 'sight':
      return { ...rest, subject: trigger.camera, what: t('trigger.sight', { camera: trigger.name, algorithm: trigger.algorithm, confidence: trigger.confidence.toFixed(2), frames: trigger.frames }) };
    case 'ticket':
      return { ...observedTicket(trigger), ...rest };
    case 'compound':
      return observedCompound(trigger);
    case 'overdue':
      return { ...rest, subject: trigger.role === null ? '' : t(`role.${trigger.role}`), what: t('trigger.overdue', { n: trigger.count }), against: trigger.unit === null ? '' : unitName(trigger.unit) };
    case 'link':
      return { ...rest, subject: trigger.id, what: t('trigger.link', { name: trigger.name, reason: reasonWords(trigger.reason) }) };
    case 'system':
      return { ...rest, subject: '', ...observedSystem(trigger.about) };
  }
}

/** Who and where first, and then what the rule may look at: the post, since when, the battery, the place. */
function observedPerson(trigger: PersonTrigger): Pick<Observed, 'subject' | 'what' | 'against'> {
  const { person, post, position, battery_percent: battery, since: from, limit_ms: limit } = trigger;
  const against = [
    post === null ? '' : t('trigger.post', { post }),
    from === null ? '' : t('time.since', { time: clockTime(from) }),
    limit === null ? '' : t('trigger.person_limit', { d: span(limit, locale.value) }),
    position === null ? '' : place(position),
    battery === null ? '' : t('people.battery', { n: battery }),
  ];
  const zone = trigger.zone_name ?? t('trigger.nowhere');
  return { subject: person.id, what: t('trigger.person', { name: person.name, zone }), against: against.filter((part) => part !== '').join(' · ') };
}

/** Metres and floor on the local plane. */
export function place(position: Position): string {
  return t('people.position', { x: position.x.toFixed(1), y: position.y.toFixed(1), floor: position.floor });
}

/** How many stand together in which zone, then around where and who they are. */
function observedGathering(trigger: GatheringTrigger): Pick<Observed, 'what' | 'against'> {
  const { people, people_count: n, people_min: min, position, radius_m: radius } = trigger;
  const others = n - people.length;
  const names = people.map((person) => person.name).join('、');
  const against = [
    position === null ? '' : place(position),
    names,
    others > 0 && names !== '' ? t('trigger.gathering_others', { n: others }) : '',
  ];
  return { what: t('trigger.gathering', { zone: trigger.name, n, radius, min }), against: against.filter((part) => part !== '').join(' · ') };
}

function observedStaffing(trigger: StaffingTrigger): Pick<Observed, 'what' | 'against'> {
  const names = trigger.missing.map((person) => person.name).join('、');
  return {
    what: t('trigger.staffing', { zone: trigger.name, n: trigger.people_count, min: trigger.people_min }),
    against: names === '' ? '' : t('trigger.missing', { names }),
  };
}

/** The ticket, and beside it whatever the alarm may be about: until when, the analysis, the detector, who is where. */
function observedTicket(trigger: TicketTrigger): { subject: string; what: string } {
  const parts = [t('trigger.ticket', { work: workName(trigger.work), status: t(`ticket.${trigger.status}`) })];
  if (trigger.end !== null) parts.push(t('trigger.ticket_end', { end: clockTime(trigger.end, gateway.now) }));
  if (trigger.analysis !== null) parts.push(analysed(trigger.analysis));
  if (trigger.detector !== null) parts.push(ticketDetector(trigger.detector, trigger.limit));
  if (trigger.supervisor !== null) parts.push(t('trigger.ticket_supervisor', { name: trigger.supervisor.name, zone: zoneName(trigger.supervisor.zone) }));
  if (trigger.people_count > 0) parts.push(t('trigger.ticket_people', { n: trigger.people_count }));
  if (trigger.further.length > 0) parts.push(t('trigger.ticket_further', { tickets: trigger.further.join(' ') }));
  return { subject: trigger.ticket, what: parts.join(t('trigger.ticket_and')) };
}

/** A detector with its value, and with the limit that the rule holds it against where it has one of its own. */
function ticketDetector(detector: PairedValue, limit: number | null | undefined): string {
  // A measurement, and not on or off.
  const said = paired(detector, 0);
  if (limit === null || limit === undefined) return said;
  return t('trigger.ticket_limit', { detector: said, limit: `${exact(limit)} ${detector.engineering_unit}`.trim() });
}

/** An analysis with its value and its time. */
export function analysed(analysis: GasAnalysis): string {
  const amount = analysis.value === null ? t('trigger.no_value') : `${exact(analysis.value)} %`;
  return t('ticket.analysis', { gas: analysis.gas, value: amount, time: clockTime(analysis.time, gateway.now) });
}

/** The name of a kind of work by its code of AQ 3064.2-2025; the code itself where there is none. */
export function workName(code: string): string {
  const key = `work.${code}`;
  return has(key) ? t(key) : code;
}

function observedSystem(about: SystemSight): { what: string; against?: string } {
  switch (about.system) {
    case 'flood':
      return {
        what: t('trigger.flood', { n: about.alarm_count, d: span(about.window_ms, locale.value) }),
        against: t('trigger.flood_first', { first: about.first_out.name, worst: about.worst.name }),
      };
    case 'offenders':
      return { what: t('trigger.offenders', { n: about.rule_count, names: about.rules.map(offender).join(t('trigger.and')) }) };
    case 'clock':
      return { what: clockWords(about) };
    case 'storage':
      return { what: t('trigger.storage', { percent: filledPercent(about) ?? '—' }) };
    case 'certificate':
      return {
        what: t(about.left_s < 0 ? 'trigger.certificate_over' : 'trigger.certificate', { subject: about.subject, d: duration(Math.abs(about.left_s) * 1000, locale.value) }),
        against: about.source === null ? t('cert.own') : about.source,
      };
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
  return `${t(`clock_state.${state}`)}${off}`;
}

/** How much of the room the journal takes, in whole percent; null when the room is not known. */
export function filledPercent({ used_bytes, budget_bytes, free_bytes }: StorageState): number | null {
  const rooms = [budget_bytes, free_bytes === null ? null : free_bytes + used_bytes].filter((room) => room !== null);
  return rooms.length === 0 ? null : Math.floor((used_bytes * 100) / Math.max(1, Math.min(...rooms)));
}

function observedValue(trigger: ValueTrigger, ruleKind: string): Observed {
  const unit = trigger.engineering_unit ? ` ${trigger.engineering_unit}` : '';
  const grade = severity(trigger.quality);
  return {
    subject: trigger.tag,
    what: valueWords(trigger, unit),
    against: trigger.against ? heldAgainst(trigger.against, trigger.limit, unit) : limitWords(trigger.limit, unit, ruleKind),
    odd: grade === 'good' ? '' : qualityName(trigger.quality),
    oddSeverity: grade === 'uncertain' ? 'uncertain' : 'bad',
  };
}

function valueWords(trigger: ValueTrigger, unit: string): string {
  if (trigger.value === null) return t('trigger.no_value');
  return trigger.against?.by === 'state' ? stateWords(trigger.value, trigger.against.word) : `${value(trigger.value)}${unit}`;
}

function limitWords(limit: Limit | null, unit: string, ruleKind = ''): string {
  if (limit === null) return '';
  const ofGas = `gas_limit.${ruleKind}`;
  const name = has(ofGas) ? t(ofGas) : t(`limit.${limit.kind}`);
  return `${limit.kind.startsWith('H') ? '≥' : '≤'} ${name} ${exact(limit.trip)}${unit}`;
}

function heldAgainst(against: Against, limit: Limit | null, unit: string): string {
  switch (against.by) {
    case 'rate':
      return t('against.rate', { rate: value(against.per_minute), unit, most: exact(against.most_per_minute) });
    case 'rest':
      return t('against.rest', { zone: `${exact(against.dead_zone)}${unit}`, d: span(against.after_ms, locale.value) });
    case 'range':
      return t('against.range', { low: exact(against.low), high: `${exact(against.high)}${unit}` });
    case 'state':
      return `${against.differs ? '≠' : '='} ${stateWords(against.state, against.state_word)}`;
    case 'forecast':
      return t('against.forecast', { rate: value(against.per_minute), unit, limit: limitWords(limit, unit), d: duration(against.minutes_left * 60_000, locale.value) });
  }
}

/** What a state is called, with its number. */
function stateWords(state: number, word: string): string {
  return word === '' ? exact(state) : t('trigger.state', { word, state: exact(state) });
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

/** Everything that the expression is made of with what it was, so that one sees why it became true. */
function observedCompound(trigger: CompoundTrigger): Observed {
  const tags = trigger.parts.filter((part) => part.part === 'tag');
  const odd = tags.filter((one) => severity(one.quality) !== 'good');
  const apart = trigger.deviation === null ? '' : t('trigger.voters_apart', { apart: `${exact(trigger.deviation)}${tags[0] ? inUnit(tags[0]) : ''}` });
  return {
    subject: trigger.when,
    what: trigger.parts.map(compoundPart).join(t('trigger.part_separator')),
    against: apart,
    odd: odd.map((one) => `${one.tag} ${qualityName(one.quality)}`).join(' '),
    oddSeverity: odd.some((one) => severity(one.quality) === 'bad') ? 'bad' : 'uncertain',
  };
}

function compoundPart(part: CompoundPart): string {
  switch (part.part) {
    case 'rule':
      return t(part.active ? (part.known ? 'trigger.rule_active' : 'trigger.rule_active_unknown') : (part.known ? 'trigger.rule_inactive' : 'trigger.rule_unknown'), { name: part.name });
    case 'tag':
      return part.value === null ? `${part.name} ${t('trigger.no_value')}` : `${part.name} ${value(part.value)}${inUnit(part)}`;
    case 'zone':
      return t('trigger.people_in', { zone: part.name, n: part.people_count, names: part.people.map((person) => person.name).join(t('trigger.name_separator')) });
  }
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

/** What a connector says, in the language of the page as far as it is known. */
export const reasonWords = (text: string): string => (locale.value === 'zh' ? said(text, t) : text);

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
