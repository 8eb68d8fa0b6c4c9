/** The state of the gateway as this page knows it, and whether it may still be believed. */

import { isHidden, isUnanswered } from './alarms.ts';
import { mergeSection, remember } from './merge.ts';
import { listen } from './stream.ts';
import { steer, type Clock } from './time.ts';
import type { MeasureRecord, Sections, SectionName, TaskRecord, UnitRecord, ZoneView } from './types.ts';
import { zone } from './zone.svelte.ts';

/** Without a word from the gateway for this long, the page is dead. */
export const DEAD_AFTER_MS = 6_000;
const LOOK_EVERY_MS = 250;

class Gateway {
  system = $state.raw<Sections['system'] | null>(null);
  annunciation = $state.raw<Sections['annunciation'] | null>(null);
  alarms = $state.raw<Sections['alarms']>([]);
  warnings = $state.raw<Sections['warnings']>([]);
  units = $state.raw<Sections['units']>([]);
  measures = $state.raw<Sections['measures']>([]);
  tasks = $state.raw<Sections['tasks']>([]);
  plans = $state.raw<Sections['plans']>([]);
  hazards = $state.raw<Sections['hazards']>([]);
  hidden = $state.raw<Sections['hidden']>([]);
  people = $state.raw<Sections['people']>([]);
  tickets = $state.raw<Sections['tickets']>([]);
  zones = $state.raw<Sections['zones']>([]);
  watch = $state.raw<Sections['watch'] | null>(null);
  tags = $state.raw<Sections['tags']>([]);
  sources = $state.raw<Sections['sources']>([]);
  uplinks = $state.raw<Sections['uplinks']>([]);
  demo = $state.raw<Sections['demo'] | null>(null);

  /** Whether the gateway has been heard within `DEAD_AFTER_MS`. */
  live = $state(false);
  /** Whether it has been silent for so long that what is shown must not be believed. */
  dead = $state(false);
  /** The gateway's time in whole seconds, as milliseconds since 1970; stands still while dead. */
  now = $state(0);
  /** The gateway's time when it was last heard. */
  lastHeardAt = $state(0);
  /** Seconds without a word, while dead. */
  silentMs = $state(0);
  /** A section that could not be read. */
  unreadable = $state('');
  /** The backlog of each uplink over the last minutes. */
  backlog = $state.raw<Readonly<Record<string, number[]>>>({});
  /** Values a second of each source, over the last beats. */
  rates = $state.raw<Readonly<Record<string, number>>>({});

  unitNames = $derived(new Map(this.units.map((unit: UnitRecord) => [unit.unit, unit.name])));
  zoneNames = $derived(new Map(this.zones.map((zone: ZoneView) => [zone.zone, zone.name])));
  peopleByUnit = $derived(countByUnit(this.zones));
  taskById = $derived(new Map(this.tasks.map((task: TaskRecord) => [task.id, task])));
  measureById = $derived(new Map(this.measures.map((measure: MeasureRecord) => [measure.measure, measure])));
  /** The kinds of the rules that have an alarm. */
  ruleKinds = $derived(new Map(this.alarms.map((alarm) => [alarm.rule, alarm.rule_kind])));
  alarmById = $derived(new Map(this.alarms.map((alarm) => [alarm.id, alarm])));
  unacknowledged = $derived(
    this.alarms.filter((alarm) => isUnanswered(alarm.state)),
  );
  /** The alarms that annunciate; what is hidden has a list of its own. */
  shown = $derived(this.alarms.filter((alarm) => !isHidden(alarm.state)));
  /** What the page of alarms lists. */
  listing = $state<'all' | 'unacknowledged' | 'hidden' | 'health'>('all');

  #clock: Clock | null = null;
  #heard = performance.now();
  #taken: { at: number; taken: Record<string, number> }[] = [];

  start(url: string, ended: () => void): () => void {
    const stop = listen(url, {
      section: (name, data) => this.#section(name, data),
      beat: (at) => this.#beat(at),
      unreadable: (name) => (this.unreadable = name),
      ended,
    });
    const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      stop();
    };
  }

  #section(name: SectionName, data: unknown): void {
    const target = this as unknown as Record<string, unknown>;
    target[name] = mergeSection(name, target[name], data);
    if (name === this.unreadable) this.unreadable = '';
    if (name === 'system' && this.system) zone.minutes = this.system.utc_offset_min;
    if (name === 'system' && this.#clock === null && this.system) this.#follow(this.system.at);
    this.#hear();
  }

  #beat(at: string): void {
    this.#follow(at);
    this.#hear();
    this.#measure();
  }

  #follow(at: string): void {
    const time = Date.parse(at);
    if (!Number.isNaN(time)) this.#clock = steer(this.#clock, time, performance.now());
  }

  #hear(): void {
    this.#heard = performance.now();
    this.#look();
  }

  #look(): void {
    const at = performance.now();
    const silent = at - this.#heard;
    this.dead = silent > DEAD_AFTER_MS;
    this.live = !this.dead && this.system !== null;
    this.silentMs = this.dead ? Math.floor(silent / 1000) * 1000 : 0;
    if (this.#clock && !this.dead) {
      this.now = Math.floor((at + this.#clock.offset) / 1000) * 1000;
      this.lastHeardAt = this.#heard + this.#clock.offset;
    }
  }

  #measure(): void {
    const backlog: Record<string, number[]> = {};
    for (const uplink of this.uplinks) backlog[uplink.uplink] = remember(this.backlog[uplink.uplink] ?? [], uplink.backlog);
    this.backlog = backlog;
    this.#taken = [...this.#taken, { at: performance.now(), taken: takenBySource(this.sources) }].slice(-RATE_BEATS);
    this.rates = ratesOver(this.#taken);
  }
}

const RATE_BEATS = 6;

function countByUnit(zones: Sections['zones']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { unit, people_count } of zones) {
    if (unit !== null) counts.set(unit, (counts.get(unit) ?? 0) + people_count);
  }
  return counts;
}

function takenBySource(sources: Sections['sources']): Record<string, number> {
  return Object.fromEntries(sources.map((source) => [source.source, source.taken]));
}

function ratesOver(history: readonly { at: number; taken: Record<string, number> }[]): Record<string, number> {
  const [first, last] = [history[0], history.at(-1)];
  if (!first || !last || last.at - first.at < 1_000) return {};
  const seconds = (last.at - first.at) / 1000;
  const rates = Object.entries(last.taken).map(([source, taken]) => [source, Math.max(0, taken - (first.taken[source] ?? taken)) / seconds] as const);
  return Object.fromEntries(rates);
}

export const gateway = new Gateway();
