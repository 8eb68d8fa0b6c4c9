/**
 * What the gateway sends, name for name as its Rust types are serialised: `record.rs`, `snapshot.rs`, `health.rs`,
 * `trigger.rs`, `annunciation.rs` and `model.rs` of the core. Times are RFC 3339 with milliseconds and `Z`.
 */

export type Time = string;

export type RiskLevel = 'blue' | 'yellow' | 'orange' | 'red';
export type Priority = 'low' | 'medium' | 'high' | 'critical';
export type Role = 'operation' | 'technical' | 'principal' | 'routine';
export type Severity = 'good' | 'uncertain' | 'bad';
export type SourceKind = 'opc_ua' | 'modbus' | 'mqtt';
export type LimitKind = 'LL' | 'L' | 'H' | 'HH';

export interface Limit {
  kind: LimitKind;
  trip: number;
  clear: number;
}

export interface PersonRef {
  id: string;
  name: string;
  zone: string | null;
}

export type Trigger = ValueTrigger | PairTrigger | SosTrigger | CrowdTrigger | GatheringTrigger | PersonTrigger | StaffingTrigger | SightTrigger | LinkTrigger | TicketTrigger | CompoundTrigger | OverdueTrigger | SystemTrigger;

export interface ValueTrigger {
  observed: 'value';
  tag: string;
  name: string;
  value: number | null;
  engineering_unit: string;
  quality: number;
  limit: Limit | null;
  against: Against | null;
  source_time: Time | null;
  source_time_replaced: boolean;
  received_time: Time;
}

/** What a value was held against, beside a limit. */
export type Against =
  | { by: 'rate'; per_minute: number | null; most_per_minute: number }
  | { by: 'rest'; dead_zone: number; after_ms: number }
  | { by: 'range'; low: number; high: number }
  | { by: 'state'; word: string; state: number; state_word: string; differs: boolean }
  | { by: 'forecast'; per_minute: number; minutes_left: number };

/** One of two values that should agree. */
export interface PairedValue {
  tag: string;
  name: string;
  value: number | null;
  engineering_unit: string;
  quality: number;
  source_time: Time | null;
  received_time: Time | null;
}

/** A deviation of two instruments, or (without `difference`) a command and its feedback that do not agree. */
export interface PairTrigger {
  observed: 'pair';
  first: PairedValue;
  second: PairedValue;
  difference: number | null;
  received_time: Time;
}

export interface SosTrigger {
  observed: 'sos';
  person: PersonRef;
  source_time: Time | null;
  received_time: Time;
}

export interface CrowdTrigger {
  observed: 'crowd';
  zone: string;
  name: string;
  people_count: number;
  people_max: number;
  people: PersonRef[];
  received_time: Time;
}

export interface Position {
  x: number;
  y: number;
  floor: number;
}

/** People who stand together, around one of them. */
export interface GatheringTrigger {
  observed: 'gathering';
  zone: string;
  name: string;
  position: Position | null;
  radius_m: number;
  people_count: number;
  people_min: number;
  people: PersonRef[];
  received_time: Time;
}

export interface PersonTrigger {
  observed: 'person';
  person: PersonRef;
  zone_name: string | null;
  post: string | null;
  position: Position | null;
  battery_percent: number | null;
  since: Time | null;
  limit_ms: number | null;
  source_time: Time | null;
  received_time: Time;
}

export interface StaffingTrigger {
  observed: 'staffing';
  zone: string;
  name: string;
  people_count: number;
  people_min: number;
  missing: PersonRef[];
  received_time: Time;
}

export interface SightTrigger {
  observed: 'sight';
  camera: string;
  name: string;
  algorithm: string;
  confidence: number;
  frames: number;
  picture: string | null;
  source_time: Time | null;
  received_time: Time;
}

export interface LinkTrigger {
  observed: 'link';
  id: string;
  name: string;
  reason: string;
  received_time: Time;
}

export type TicketStatus = 'unissued' | 'issued' | 'in_work' | 'accepted' | 'voided' | 'revoked' | 'suspended';

export interface GasAnalysis {
  time: Time | null;
  gas: string;
  value: number | null;
}

/** A special-work ticket and what of it made a rule's condition true. */
export interface TicketTrigger {
  observed: 'ticket';
  ticket: string;
  work: string;
  status: TicketStatus;
  alarm_type: string | null;
  content: string;
  zone: string | null;
  unit: string | null;
  start: Time | null;
  end: Time | null;
  analysis: GasAnalysis | null;
  supervisor_name: string;
  supervisor: PersonRef | null;
  people_count: number;
  people: PersonRef[];
  detector: PairedValue | null;
  limit: number | null;
  further: string[];
  received_time: Time;
}

/** A special-work ticket as last heard of. */
export interface TicketRecord {
  id: string;
  work: string;
  status: TicketStatus;
  unit: string | null;
  zone: string | null;
  content: string;
  start: Time | null;
  end: Time | null;
  analyses: GasAnalysis[];
  space_records: Time[];
  supervisor: string | null;
  supervisor_name: string;
  workers: string[];
  worker_names: string[];
  blind_plate: 'insert' | 'remove' | 'both' | null;
  changed: boolean;
  cancelled: boolean;
  watched: boolean;
  source_time: Time | null;
  received_time: Time;
}

/** A part of a compound rule's expression, as it was when the expression became true. */
export type CompoundPart =
  | { part: 'rule'; rule: string; name: string; active: boolean; known: boolean }
  | ({ part: 'tag' } & PairedValue)
  | { part: 'zone'; zone: string; name: string; people_count: number; people: PersonRef[] };

export interface CompoundTrigger {
  observed: 'compound';
  when: string;
  parts: CompoundPart[];
  /** How far the usable voters lie apart; for a vote of instruments only. */
  deviation: number | null;
  received_time: Time;
}

export interface OverdueTrigger {
  observed: 'overdue';
  count: number;
  tasks: string[];
  role: Role | null;
  unit: string | null;
  received_time: Time;
}

/** A rule that was raised. */
export interface RaisedRule {
  rule: string;
  name: string;
  unit: string | null;
  priority: Priority;
  raised_at: Time;
}

/** A rule that is a nuisance. */
export interface Offender {
  rule: string;
  name: string;
  unit: string | null;
  count: number;
  raised_at: Time | null;
}

export interface ClockState {
  synchronised: boolean | null;
  offset_ms: number | null;
}

export interface StorageState {
  used_bytes: number;
  budget_bytes: number | null;
  free_bytes: number | null;
}

/** What the alarm system saw of itself. */
export type SystemSight =
  | { system: 'flood'; alarm_count: number; window_ms: number; first_out: RaisedRule; worst: RaisedRule }
  | { system: 'offenders'; rule_count: number; rules: Offender[] }
  | ({ system: 'clock' } & ClockState)
  | ({ system: 'storage' } & StorageState)
  | { system: 'certificate'; source: string | null; sha256: string; subject: string; not_after: Time; left_s: number }
  | { system: 'silence'; silenced_ms: number; by: string | null };

export interface SystemTrigger {
  observed: 'system';
  about: SystemSight;
  received_time: Time;
}

export interface Nuisance {
  rule_count: number;
  rules: Offender[];
}

/** The alarm system now. */
export interface WatchView {
  flood: { since: Time; alarm_count: number; first_out: RaisedRule; worst: RaisedRule } | null;
  /** As the flood rule counts: `count_max` stands for that many and more. */
  recent: { count: number; count_max: number; window_ms: number } | null;
  chattering: Nuisance;
  fleeting: Nuisance;
  standing: Nuisance;
  silenced_ms: number;
  clock: ClockState | null;
  storage: StorageState | null;
}

export type AlarmState =
  | 'unacknowledged'
  | 'acknowledged'
  | 'returned_unacknowledged'
  | 'latched_unacknowledged'
  | 'latched_acknowledged'
  | 'shelved'
  | 'suppressed'
  | 'out_of_service'
  | 'normal';

export type HidingKind = 'out_of_service' | 'shelved' | 'unit_stopped' | 'suppressed_by_rule';

/** Why a rule is hidden: a person (`by`) or another rule (`suppressor`) answers for it. */
export interface Hiding {
  kind: HidingKind;
  by: string | null;
  suppressor: string | null;
  reason: string;
  since: Time;
  until: Time | null;
  one_shot: boolean;
}

export interface HiddenRecord {
  rule: string;
  name: string;
  rule_kind: string;
  priority: Priority;
  unit: string | null;
  measure: string | null;
  hidden_because: Hiding[];
  config_version: string;
}

export interface UnitStop {
  by: string;
  reason: string;
  since: Time;
  until: Time | null;
}

export interface AlarmRecord {
  id: string;
  rule: string;
  name: string;
  rule_kind: string;
  priority: Priority;
  state: AlarmState;
  inputs_known: boolean;
  unit: string | null;
  measure: string | null;
  risk_event: string | null;
  raised_at: Time;
  latest_raised_at: Time;
  raised_count: number;
  returned_at: Time | null;
  acknowledged_at: Time | null;
  acknowledged_by: string | null;
  /** Lives hang on it: it is never hidden and never folded away. */
  never_hidden: boolean;
  latched: boolean;
  reset_at: Time | null;
  reset_by: string | null;
  hidden_because: Hiding[];
  first_out_group: string | null;
  first_out: boolean;
  first_out_alarm: string | null;
  trigger: Trigger;
  /** A zone breach that has lasted for 30 s; absent in records of before. */
  lasting?: boolean;
  guidance: string;
  ended_because: string | null;
  config_version: string;
}

export type MeasureState = 'effective' | 'failed' | 'bypassed' | 'unknown';

export interface MeasureRecord {
  measure: string;
  description: string;
  risk_event: string;
  unit: string;
  state: MeasureState;
  since: Time;
  alarms: string[];
  unknown_rules: string[];
  bypassed_rules: { rule: string; hidden_because: Hiding[] }[];
  config_version: string;
}

export type WarningState = 'raised' | 'acknowledged' | 'being_handled' | 'cleared' | 'closed';
export type LevelReason = 'alarm_priority' | 'people_inside' | 'second_measure_failed' | 'unhandled';

export interface WarningAlarm {
  id: string;
  rule: string;
  name: string;
  priority: Priority;
  state: AlarmState;
  trigger: Trigger;
  guidance: string;
}

export interface WarningRecord {
  id: string;
  risk_event: string;
  name: string;
  unit: string;
  unit_name: string;
  state: WarningState;
  level: RiskLevel;
  level_reasons: LevelReason[];
  unhandled_steps?: number;
  escalates_at?: Time | null;
  raised_at: Time;
  cleared_at: Time | null;
  alarms: WarningAlarm[];
  alarm_count: number;
  failed_measures: string[];
  people_count: number;
  people: PersonRef[];
  tasks: string[];
  config_version: string;
}

export interface UnitRecord {
  unit: string;
  name: string;
  colour: RiskLevel;
  unknown: boolean;
  assessed: RiskLevel;
  warnings: string[];
  failed_measures: string[];
  unknown_measures: string[];
  bypassed_measures: string[];
  stopped: UnitStop | null;
  since: Time;
  config_version: string;
}

export type TaskState = 'issued' | 'accepted' | 'done' | 'cancelled' | 'closed';
export type TaskOrigin = 'warning' | 'plan';

export interface Attachment {
  uri: string;
  media_type: string;
  sha256: string | null;
  by: string;
  at: Time;
}

export interface TaskCause {
  alarm: string;
  rule: string;
  name: string;
  trigger: Trigger;
  at: Time;
}

export type TaskResult = 'normal' | 'hidden_danger' | 'could_not';

export interface TaskRecord {
  id: string;
  state: TaskState;
  origin: TaskOrigin;
  overdue: boolean;
  content: string;
  role: Role;
  escalated_from: Role | null;
  escalations: number;
  measure: string;
  risk_event: string;
  unit: string;
  plan: string | null;
  duty_item: number | null;
  planned_at: Time | null;
  late: boolean;
  warning: string | null;
  alarm: string | null;
  rule: string | null;
  trigger: Trigger | null;
  causes: TaskCause[];
  recurrences: number;
  reissue_of: string | null;
  issued_at: Time;
  due_at: Time;
  window_ms: number;
  accepted_at: Time | null;
  accepted_by: string | null;
  finished_at: Time | null;
  finished_by: string | null;
  result: TaskResult | null;
  note: string;
  ended_at: Time | null;
  ended_by: string | null;
  ended_because: string | null;
  attachments: Attachment[];
  config_version: string;
}

export type CycleUnit = 'hour' | 'day' | 'month' | 'year';

export interface PlanView {
  plan: string;
  measure: string;
  unit: string;
  content: string;
  role: Role;
  duty_item: number | null;
  cycle: number;
  cycle_unit: CycleUnit;
  last: Time | null;
  next: Time | null;
  waits_for_clock: boolean;
  open: string[];
}

export type HazardState = 'suspected' | 'confirmed' | 'rejected' | 'closed';
export type HazardOrigin = 'measure_failure' | 'task_finding';
export type Verdict = 'confirmed' | 'rejected' | 'closed';

export type DangerLevel = 'general' | 'major';
export type ManageType = 'at_once' | 'by_deadline';

/** What a person who confirms a hazard may say of its rectification. */
export interface Rectification {
  danger_level?: DangerLevel;
  manage_type?: ManageType;
  liable_person?: string;
  deadline?: Time;
}

export interface HazardFinding {
  task: string;
  by: string;
  note: string;
  at: Time;
}

export interface HazardRecord {
  id: string;
  state: HazardState;
  origin: HazardOrigin;
  name: string;
  measure: string;
  risk_event: string;
  unit: string;
  warning: string | null;
  alarm: string | null;
  rule: string | null;
  task: string | null;
  trigger: Trigger | null;
  findings: HazardFinding[];
  recurrences: number;
  suspected_at: Time;
  reviewed_at: Time | null;
  reviewed_by: string | null;
  verdict: Verdict | null;
  note: string;
  danger_level: DangerLevel | null;
  manage_type: ManageType | null;
  liable_person: string | null;
  deadline: Time | null;
  config_version: string;
}

export interface PersonView extends PersonRef {
  post: string | null;
  department: string | null;
  contractor: string | null;
  in_zone_since: Time | null;
  place_unknown: boolean;
  position: Position | null;
  sos: boolean;
  battery_percent: number | null;
  received_time: Time;
}

export interface ZoneView {
  zone: string;
  name: string;
  unit: string | null;
  people_count: number;
}

/** NAMUR NE 107. */
export type DeviceStatus = 'failure' | 'function_check' | 'out_of_specification';
export type Limited = 'low' | 'high' | 'constant';

export interface TagView {
  tag: string;
  name: string;
  source: string;
  unit: string | null;
  engineering_unit: string;
  range: [number, number] | null;
  value: number | null;
  quality: number;
  severity: Severity;
  quality_name: string;
  device_status: DeviceStatus | null;
  limited: Limited | null;
  source_time: Time | null;
  source_time_replaced: boolean;
  received_time: Time | null;
}

export type FieldValue = boolean | number | string;

/** What a kind of rule needs, `limit`, `window_ms`, …. */
export interface Parameter {
  name: string;
  value: FieldValue;
}

/** A rule of the master alarm table. */
export interface RuleView {
  rule: string;
  name: string;
  rule_kind: string;
  tags: string[];
  engineering_unit: string;
  range: [number, number] | null;
  unit: string | null;
  measure: string | null;
  risk_event: string | null;
  priority: Priority;
  on_delay_ms: number;
  off_delay_ms: number;
  guidance: string;
  latched: boolean;
  never_hidden: boolean;
  suppressed_by: string[];
  parameters: Parameter[];
  object_name: string | null;
  unit_name: string | null;
  risk_event_name: string | null;
  measure_description: string | null;
  basis: string;
  state: AlarmState;
  alarm: string | null;
  hidden_because: Hiding[];
}

export interface FieldChange {
  field: string;
  from: FieldValue | null;
  to: FieldValue | null;
}

/** Who changed a configuration, and why. */
export interface StatedChange {
  version: string | null;
  author: string;
  reason: string;
  date: string;
}

/** A row of the history of the master alarm table. */
export interface ChangeRecord {
  change: 'configuration' | 'added' | 'removed' | 'changed' | 'policy';
  rule: string | null;
  name: string;
  unit: string | null;
  fields: FieldChange[];
  counts: { rules: number; added: number; removed: number; changed: number; later: number } | null;
  at: Time;
  previous_version: string | null;
  config_version: string;
  stated: StatedChange | null;
  stated_before: boolean;
}

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

export interface Oddity {
  count: number;
  latest_at: Time | null;
  latest: string;
}

export interface SourceStatus {
  source: string;
  name: string;
  kind: SourceKind;
  up: boolean;
  detail: string;
  since: Time | null;
  connects: number;
  taken: number;
  last_received: Time | null;
  malformed: Oddity;
  unknown: Oddity;
  outdated: Oddity;
  bad_quality: number;
  notes: string[];
}

/** A certificate of the field side, and how it stands. */
export interface CertificateView {
  standing: 'own' | 'trusted' | 'rejected';
  sha256: string;
  sha1: string;
  subject: string;
  issuer: string;
  not_before: Time;
  not_after: Time;
  uris: string[];
  hosts: string[];
  key_bits: number;
  source: string | null;
  endpoint: string | null;
  seen_at: Time | null;
  decided_by: string | null;
  decided_at: Time | null;
}

export interface UplinkStatus {
  uplink: string;
  name: string;
  up: boolean;
  detail: string;
  since: Time | null;
  connects: number;
  head: number;
  acknowledged: number;
  backlog: number;
  recording: number | null;
  parked: number;
  last_acknowledged: Time | null;
}

export interface System {
  gateway: { company_code: string; gateway_id: string; name: string; config_version: string };
  epoch: number | string;
  started_at: Time;
  at: Time;
  version: string;
  board?: unknown;
  shelve_max_s?: number;
  journal?: { head: number; durable: boolean; detail: string };
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
