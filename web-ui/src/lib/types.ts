/**
 * What the gateway sends. The shapes come from its OpenAPI document (`schemas.ts`, made by `npm run types`); beside them stand
 * names for their parts, and the little that the document does not have: the event stream's sections and the demo.
 */

import type { components } from './schemas.ts';

/** The document lets absent be null; the gateway always writes every field. */
type Sent<T> = T extends readonly unknown[] ? { [At in keyof T]: Sent<T[At]> } : T extends object ? { [Field in keyof T]-?: Sent<Exclude<T[Field], undefined>> } : T;
type Schemas = components['schemas'];

/** RFC 3339 with milliseconds and `Z`. */
export type Time = Schemas['UtcTime'];

export type AccessRole = Sent<Schemas['AccessRole']>;
export type Against = Sent<Schemas['Against']>;
export type AlarmRecord = Sent<Schemas['AlarmRecord']>;
export type AlarmState = Sent<Schemas['AlarmState']>;
export type Attachment = Sent<Schemas['Attachment']>;
export type AuditRecord = Sent<Schemas['AuditRecord']>;
export type CertificateView = Sent<Schemas['CertificateView']>;
export type ChangeRecord = Sent<Schemas['ChangeRecord']>;
export type ClockState = Sent<Schemas['ClockState']>;
export type CompoundPart = Sent<Schemas['CompoundPart']>;
export type ConfigChecked = Sent<Schemas['ConfigChecked']>;
/** A change that is proposed; what may be left out is left out. */
export type ConfigEdit = Schemas['ConfigEdit'];
export type ConfigFiles = Sent<Schemas['ConfigFiles']>;
export type ConfigState = Sent<Schemas['ConfigState']>;
export type ConfigVersion = Sent<Schemas['ConfigVersion']>;
export type SourceKeys = Sent<Schemas['SourceKeys']>;
export type DangerLevel = Sent<Schemas['DangerLevel']>;
export type FieldChange = Sent<Schemas['FieldChange']>;
export type FieldValue = Sent<Schemas['FieldValue']>;
export type FileDifference = Sent<Schemas['FileDifference']>;
export type Finding = Sent<Schemas['Finding']>;
export type GapRecord = Sent<Schemas['GapRecord']>;
export type GasAnalysis = Sent<Schemas['GasAnalysis']>;
export type HazardFinding = Sent<Schemas['HazardFinding']>;
export type HazardOrigin = Sent<Schemas['HazardOrigin']>;
export type HazardRecord = Sent<Schemas['HazardRecord']>;
export type HazardState = Sent<Schemas['HazardState']>;
export type HiddenRecord = Sent<Schemas['HiddenRecord']>;
export type Hiding = Sent<Schemas['Hiding']>;
export type HidingKind = Sent<Schemas['HidingKind']>;
export type HistoryGap = Sent<Schemas['HistoryGap']>;
export type LastBackup = Sent<Schemas['LastBackup']>;
export type LevelReason = Sent<Schemas['LevelReason']>;
export type Limit = Sent<Schemas['Limit']>;
export type LimitKind = Sent<Schemas['LimitKind']>;
export type LogLevel = Sent<Schemas['LogLevel']>;
export type LogLine = Sent<Schemas['LogLine']>;
export type ManageType = Sent<Schemas['ManageType']>;
export type LookLevel = Sent<Schemas['LookLevel']>;
export type LookNode = Sent<Schemas['LookNode']>;
export type LookReadings = Sent<Schemas['LookReadings']>;
export type LookRegisters = Sent<Schemas['LookRegisters']>;
export type LookUser = Sent<Schemas['LookUser']>;
export type LookValue = Sent<Schemas['LookValue']>;
export type LoopCheck = Sent<Schemas['LoopCheck']>;
export type LoopPoint = Sent<Schemas['LoopPoint']>;
export type LoopResult = Sent<Schemas['LoopResult']>;
export type LoopRow = Sent<Schemas['LoopRow']>;
export type MeasureRecord = Sent<Schemas['MeasureRecord']>;
export type MeasureState = Sent<Schemas['MeasureState']>;
export type Oddity = Sent<Schemas['Oddity']>;
export type Offender = Sent<Schemas['Offender']>;
export type PageCertificate = Sent<Schemas['PageCertificate']>;
export type PairedValue = Sent<Schemas['PairedValue']>;
export type Parameter = Sent<Schemas['Parameter']>;
export type ParkedRow = Sent<Schemas['ParkedRow']>;
export type Permission = Sent<Schemas['Permission']>;
export type PersonRef = Sent<Schemas['PersonRef']>;
export type PersonView = Sent<Schemas['PersonView']>;
export type PlanView = Sent<Schemas['PlanView']>;
export type Position = Sent<Schemas['Position']>;
export type Priority = Sent<Schemas['Priority']>;
export type RaisedRule = Sent<Schemas['RaisedRule']>;
export type Resources = Sent<Schemas['Resources']>;
export type RiskLevel = Sent<Schemas['RiskLevel']>;
export type Role = Sent<Schemas['Role']>;
export type RosterRow = Sent<Schemas['RosterRow']>;
export type RuleView = Sent<Schemas['RuleView']>;
export type SessionView = Sent<Schemas['Session']>;
export type Severity = Sent<Schemas['Severity']>;
export type SiteMap = Sent<Schemas['SiteMap']>;
export type SourceOffers = Sent<Schemas['SourceOffers']>;
export type StatusRecord = Sent<Schemas['StatusRecord']>;
export type StorageState = Sent<Schemas['StorageState']>;
export type SystemTrigger = Sent<Schemas['SystemTrigger']>;
export type TagHistory = Sent<Schemas['TagHistory']>;
export type TagView = Sent<Schemas['TagView']>;
export type TaskCause = Sent<Schemas['TaskCause']>;
export type TaskOrigin = Sent<Schemas['TaskOrigin']>;
export type TaskRecord = Sent<Schemas['TaskRecord']>;
export type TaskResult = Sent<Schemas['TaskResult']>;
export type TaskState = Sent<Schemas['TaskState']>;
export type TicketRecord = Sent<Schemas['TicketRecord']>;
export type TicketStatus = Sent<Schemas['TicketStatus']>;
export type TicketTrigger = Sent<Schemas['TicketTrigger']>;
export type TokenMade = Sent<Schemas['TokenMade']>;
export type TokenView = Sent<Schemas['TokenView']>;
export type Trigger = Sent<Schemas['Trigger']>;
export type UpdateState = Sent<Schemas['UpdateState']>;
export type UplinkProgress = Sent<Schemas['UplinkProgress']>;
export type UnitRecord = Sent<Schemas['UnitRecord']>;
export type UnitStop = Sent<Schemas['UnitStop']>;
export type UserView = Sent<Schemas['UserView']>;
export type Verdict = Sent<Schemas['Verdict']>;
export type WarningAlarm = Sent<Schemas['WarningAlarm']>;
export type WarningRecord = Sent<Schemas['WarningRecord']>;
export type WarningState = Sent<Schemas['WarningState']>;
export type WhatIfView = Sent<Schemas['WhatIf']>;
export type ZoneView = Sent<Schemas['ZoneView']>;

/** The observation of a trigger, by its `observed`. */
type Seen<Kind extends Trigger['observed']> = Extract<Trigger, { observed: Kind }>;
export type ValueTrigger = Seen<'value'>;
/** A deviation of two instruments, or (without `difference`) a command and its feedback that do not agree. */
export type PairTrigger = Seen<'pair'>;
export type GatheringTrigger = Seen<'gathering'>;
export type PersonTrigger = Seen<'person'>;
export type StaffingTrigger = Seen<'staffing'>;
export type CompoundTrigger = Seen<'compound'>;
/** What the alarm system saw of itself. */
export type SystemSight = Sent<Schemas['SystemTrigger']>;

export type SourceKind = SourceStatus['kind'];
/** NAMUR NE 107. */
export type DeviceStatus = NonNullable<TagView['device_status']>;
export type Limited = NonNullable<TagView['limited']>;
export type StatedChange = NonNullable<ChangeRecord['stated']>;
export type Nuisance = WatchView['standing'];
export type WatchView = Sent<Schemas['WatchView']>;
export type SourceStatus = Sent<Schemas['SourceRow']>;
export type UplinkStatus = Sent<Schemas['UplinkRow']>;
/** A row of the point table that the gateway proposes. */
export type ProposedRow = Sent<Schemas['ProposedRows']>['rows'][number];
export type PanelHealth = System['panel'];
export type PanelOutput = PanelHealth['outputs'][number];
export type PanelInput = PanelHealth['inputs'][number];
/** A message of the field side that could not be used. */
export type Quarantined = Sent<Schemas['Quarantine']>['items'][number];

/** What a person who confirms a hazard may say of its rectification. */
export type Rectification = Partial<Pick<{ [Field in keyof HazardRecord]: NonNullable<HazardRecord[Field]> }, 'danger_level' | 'manage_type' | 'liable_person' | 'deadline'>>;

export type System = Omit<Sent<Schemas['System']>, 'board'> & { board?: unknown };

export interface JournalEntry<T> {
  id: string;
  seq: number;
  at: Time;
  kind: string;
  record: T;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type LampColour = 'green' | 'blue' | 'yellow' | 'amber' | 'red';
export type LampPattern = 'steady' | 'flash' | 'slow_flash';

export interface Annunciation {
  lamp: LampColour;
  pattern: LampPattern;
  horn: boolean;
  relay: boolean;
  silenced_until: Time | null;
}

export interface ReceivedMessage {
  at: Time;
  lane: string;
  kind: string;
  text: string;
}

/** Only in the demo. The counts per lane and kind stand beside the named fields; `receiverCounts` reads them. */
export interface Demo {
  scene_zh: string;
  scene_en: string;
  cycle_seconds: number;
  second?: number;
  receiver?: { unreadable?: number; duplicates?: number; gaps?: number; latest?: ReceivedMessage[]; [count: string]: unknown };
}

/** The sections of the stream: one event name each, its data the whole section. */
export interface Sections {
  system: System;
  annunciation: Annunciation;
  alarms: AlarmRecord[];
  warnings: WarningRecord[];
  units: UnitRecord[];
  measures: MeasureRecord[];
  tasks: TaskRecord[];
  plans: PlanView[];
  hazards: HazardRecord[];
  hidden: HiddenRecord[];
  people: PersonView[];
  tickets: TicketRecord[];
  zones: ZoneView[];
  watch: WatchView;
  tags: TagView[];
  sources: SourceStatus[];
  uplinks: UplinkStatus[];
  demo: Demo;
}

export type SectionName = keyof Sections;
