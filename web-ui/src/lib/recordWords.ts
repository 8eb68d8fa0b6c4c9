/** A row of the journal in the words of the page: one line that says what happened, and everything in it field by field. */

import { exact, qualityName } from './format.ts';
import { because } from './hidden.ts';
import { has, locale, t } from './i18n/index.svelte.ts';
import { subject, type Entry } from './journal.ts';
import { fullTime, span } from './time.ts';
import type { AlarmRecord, AuditRecord, ChangeRecord, GapRecord, HazardRecord, HiddenRecord, Hiding, MeasureRecord, PersonView, StatusRecord, TaskRecord, TicketRecord, Trigger, UnitRecord, WarningRecord } from './types.ts';
import { at, measureName, observed, reasonWords, unitName, workName, zoneName } from './words.ts';

const DOT = ' · ';
const joined = (...parts: string[]): string => parts.filter((part) => part !== '').join(DOT);

/** What happened, in one line. */
export function summary(entry: Entry): string {
  const of = <T>(): T => entry.record as T;
  switch (entry.kind) {
    case 'alarm': return alarmLine(of<AlarmRecord>());
    case 'warning': return ((one) => joined(one.name, t(`level.${one.level}`), t(`warning_state.${one.state}`), one.unit_name))(of<WarningRecord>());
    case 'measure': return ((one) => joined(one.description, t(`spell.${one.state}`), unitName(one.unit)))(of<MeasureRecord>());
    case 'unit': return ((one) => joined(one.name, t(`risk.${one.colour}`), one.unknown ? t('unit.unknown_any') : '', one.stopped ? t('unit.stopped') : ''))(of<UnitRecord>());
    case 'task': return ((one) => joined(one.content, t(`task_state.${one.state}`), one.result ? t(`result.${one.result}`) : '', one.overdue ? t('work.overdue') : ''))(of<TaskRecord>());
    case 'hazard': return ((one) => joined(one.name, t(`hazard_state.${one.state}`), t(`origin.${one.origin}`)))(of<HazardRecord>());
    case 'hidden': return ((one) => joined(one.name, one.hidden_because.length === 0 ? t('journal.shown_again') : one.hidden_because.map(because).join('; ')))(of<HiddenRecord>());
    case 'person': return personLine(of<PersonView & { from_zone: string | null }>());
    case 'ticket': return ((one) => joined(workName(one.work), t(`ticket.${one.status}`), one.content))(of<TicketRecord>());
    case 'change': return ((one) => joined(one.name, t(`change.${one.change}`), one.rule ?? ''))(of<ChangeRecord>());
    case 'gap': return gapLine(of<GapRecord>());
    case 'evidence': return t('journal.evidence', { id: subject(entry) });
    case 'status': return ((one) => t('journal.status', { change: t(`status_change.${one.change}`), n: one.alarms_taken_over }))(of<StatusRecord>());
    case 'audit': return auditLine(of<AuditRecord>());
    default: return subject(entry);
  }
}

function alarmLine(alarm: AlarmRecord): string {
  const { what, against } = observed(alarm.trigger, alarm.rule_kind);
  return joined(alarm.name, t(`alarm_state.${alarm.state}`), `${what} ${against}`.trim(), unitName(alarm.unit));
}

function personLine(person: PersonView & { from_zone: string | null }): string {
  const moved = person.place_unknown ? t('people.unknown') : t('journal.moved', { from: zoneName(person.from_zone), to: zoneName(person.zone) });
  return joined(person.name, moved, person.sos ? t('people.sos') : '');
}

function gapLine({ source, from, until, reason, filled }: GapRecord): string {
  const between = { source, from: at(from), until: at(until) };
  return filled === null ? t('journal.gap', { ...between, reason: reasonWords(reason) }) : t('journal.filled', { ...between, n: filled });
}

function auditLine({ by, action, object, note, refused, before, after }: AuditRecord): string {
  const said = t('journal.audit', { by, action: named(`action.${action}`, action), object: object ?? '' }).trim();
  return joined(said, changed(before, after), note, refused === null ? '' : t('journal.refused', { why: refused }));
}

/** From what to what, where something changed. The records of older versions have neither. */
function changed(before: string | null | undefined, after: string | null | undefined): string {
  if (!before && !after) return '';
  return t('audit.change', { before: before || t('audit.nothing'), after: after || t('audit.nothing') });
}

/** A field with its value in words, or with fields of its own. */
export interface Item {
  field: string;
  label: string;
  text: string;
  items: Item[];
}

/** Everything that a row says, field by field; what is empty is left out. */
export const items = (entry: Entry): Item[] => fields(entry.record, entry.kind);

function fields(record: object, kind: string): Item[] {
  return Object.entries(record).flatMap(([field, value]) => (isEmpty(value) ? [] : [item(field, value, kind)]));
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

function item(field: string, value: unknown, kind: string): Item {
  const key = `item.${field}`;
  const whole = { field, label: has(key) ? t(key) : field, items: [] };
  if (field === 'trigger') return { ...whole, text: triggerWords(value as Trigger) };
  if (field === 'hidden_because') return { ...whole, text: (value as Hiding[]).map(because).join('; ') };
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== 'object')) return { ...whole, text: value.map((one) => words(field, one, kind)).join(', ') };
    return { ...whole, text: '', items: value.map((one: object, index) => ({ field: String(index), label: `${index + 1}`, text: '', items: fields(one, kind) })) };
  }
  if (typeof value === 'object' && value !== null) return { ...whole, text: '', items: fields(value, kind) };
  return { ...whole, text: words(field, value, kind) };
}

function triggerWords(trigger: Trigger): string {
  const { subject: of, what, against, odd } = observed(trigger);
  return joined(`${of} ${what}`.trim(), against, odd, fullTime(trigger.received_time));
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** The group of words that a field's values belong to, by itself or by the kind of record that it stands in. */
const GROUPS: Readonly<Record<string, (value: string) => string>> = {
  'alarm state': (value) => `alarm_state.${value}`, 'warning state': (value) => `warning_state.${value}`, 'measure state': (value) => `spell.${value}`, 'task state': (value) => `task_state.${value}`,
  'hazard state': (value) => `hazard_state.${value}`, 'task origin': (value) => `task_origin.${value}`, 'status change': (value) => `status_change.${value}`, 'warning level': (value) => `level.${value}`,
  level_reasons: (value) => `reason.${value}`, colour: (value) => `risk.${value}`, assessed: (value) => `risk.${value}`, priority: (value) => `priority.${value}`, role: (value) => `role.${value}`,
  escalated_from: (value) => `role.${value}`, origin: (value) => `origin.${value}`, result: (value) => `result.${value}`, verdict: (value) => `verdict.${value}`, danger_level: (value) => `danger.${value}`,
  manage_type: (value) => `manage.${value}`, rule_kind: (value) => `rule_kind.${value}`, kind: (value) => `hiding.${value}`, change: (value) => `change.${value}`, action: (value) => `action.${value}`,
  status: (value) => `ticket.${value}`, blind_plate: (value) => `blind.${value}`, field: (value) => `field.${value}`, outcome: (value) => `outcome.${value}`,
};

function words(field: string, value: unknown, kind: string): string {
  if (typeof value === 'boolean') return t(value ? 'journal.yes' : 'journal.no');
  if (typeof value === 'number') return field === 'quality' ? qualityName(value) : field.endsWith('_ms') && field !== 'offset_ms' ? span(value, locale.value) : exact(value);
  const text = String(value);
  if (TIME.test(text)) return fullTime(text);
  const group = GROUPS[`${kind} ${field}`] ?? GROUPS[field];
  if (group !== undefined) return named(group(text), text);
  switch (field) {
    case 'unit': return nameAndId(unitName(text), text);
    case 'zone': case 'from_zone': return nameAndId(zoneName(text), text);
    case 'measure': return nameAndId(measureName(text), text);
    case 'work': return nameAndId(workName(text), text);
    case 'reason': return reasonWords(text);
    default: return text;
  }
}

const nameAndId = (name: string, id: string): string => (name === id ? id : `${name} (${id})`);

const named = (key: string, value: string): string => (has(key) ? t(key) : value);
