/** What the page of trends shows: which tags, which span, and what is known of them. It outlives the page, so that one can come back. */

import { wordsOf } from '../actions.svelte.ts';
import * as api from '../api.ts';
import { gateway } from '../gateway.svelte.ts';
import { between, placeOf } from '../journal.ts';
import { keep, type Query } from '../route.svelte.ts';
import { rulesTable } from '../rulesTable.svelte.ts';
import type { AlarmRecord, GapRecord, JournalEntry } from '../types.ts';
import { alarmSpans, gapReason, limitsOf } from './marks.ts';
import type { Meta } from './scales.ts';
import { followed, gapAt, NOTHING, pointAt, read, type Series } from './series.ts';
import { bounds, fromQuery, tagsOf, TAGS_MAX, toQuery, USUAL, type Window } from './window.ts';

/** Records of alarms read for the marks of one picture; beyond it the page says that some are missing. */
const MARKS_MAX = 3_000;
const POINTS = 2_500;
const REFRESH_MIN_MS = 10_000;
const REFRESH_MAX_MS = 60_000;
/** Windows that one can go back to. */
const BACK_MAX = 30;

class Trend {
  tags = $state.raw<readonly string[]>([]);
  window = $state.raw<Window>(USUAL);
  /** The tag whose limits are drawn. */
  chosen = $state(0);
  showLimits = $state(true);
  loading = $state(false);
  trouble = $state('');
  /** Not every alarm of the span is marked. */
  marksCut = $state(false);
  #back = $state.raw<readonly Window[]>([]);
  #read = $state.raw<Readonly<Record<string, Series>>>({});
  #alarms = $state.raw<readonly AlarmRecord[]>([]);
  #gaps = $state.raw<readonly JournalEntry<GapRecord>[]>([]);
  #asked = 0;

  readonly canGoBack = $derived(this.#back.length > 0);
  readonly metas = $derived(this.tags.map((tag): Meta => {
    const known = gateway.tags.find((one) => one.tag === tag);
    return known ?? { tag, name: '', engineering_unit: '', range: null, source: '' };
  }));
  readonly series = $derived(this.tags.map((tag) => this.#read[tag] ?? NOTHING(tag)));
  readonly limits = $derived(limitsOf(rulesTable.rules, this.tags[this.chosen] ?? ''));
  readonly alarms = $derived(alarmSpans([...this.#alarms, ...gateway.alarms], rulesTable.rules, this.tags));

  get now(): number {
    return gateway.now || Date.now();
  }

  /** Until when anything can be known. */
  get end(): number {
    return Math.min(bounds(this.window, this.now)[1], this.now);
  }

  /** Whether news belong into the picture. */
  get isOpen(): boolean {
    return this.window.live || this.window.until > this.now;
  }

  get query(): Query {
    return [...this.tags.map((tag) => ['tag', tag] as const), ...toQuery(this.window)];
  }

  /** Takes what an address asks for; one that names no tag leaves everything as it was. */
  take(query: URLSearchParams): void {
    const tags = tagsOf(query);
    if (tags.length === 0) return;
    if (tags.join() !== this.tags.join()) [this.tags, this.chosen] = [tags, 0];
    this.window = fromQuery(query);
    this.#back = [];
  }

  add(tag: string): void {
    if (!this.tags.includes(tag) && this.tags.length < TAGS_MAX) this.tags = [...this.tags, tag];
  }

  remove(tag: string): void {
    this.tags = this.tags.filter((one) => one !== tag);
    this.chosen = Math.min(this.chosen, Math.max(0, this.tags.length - 1));
  }

  show(window: Window): void {
    this.#back = [...this.#back, this.window].slice(-BACK_MAX);
    this.window = window;
  }

  back(): void {
    const before = this.#back.at(-1);
    if (before === undefined) return;
    this.#back = this.#back.slice(0, -1);
    this.window = before;
  }

  /** Reads everything of the window, keeps the address, and goes on reading while news belong into it. Ends with what it gives. */
  follow(): () => void {
    keep('trends', this.query);
    const width = this.window.live ? this.window.ms : this.window.until - this.window.from;
    const every = Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, width / 200));
    void this.load();
    const timer = this.isOpen ? setInterval(() => void this.load(), every) : undefined;
    return () => clearInterval(timer);
  }

  async load(): Promise<void> {
    const mine = (this.#asked += 1);
    const [from, until] = bounds(this.window, this.now);
    this.loading = true;
    try {
      // A tag that cannot be read must not keep the others.
      const answers = await Promise.allSettled(this.tags.map((tag) => api.history(tag, from, Math.max(from, Math.min(until, this.now)), POINTS)));
      if (mine !== this.#asked) return;
      this.#read = Object.fromEntries(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [[answer.value.tag, read(answer.value)]] : [])));
      const failed = answers.findIndex((answer) => answer.status === 'rejected');
      const why = answers[failed];
      this.trouble = why?.status === 'rejected' ? `${this.tags[failed] ?? ''} ${wordsOf(why.reason)}` : '';
      await this.#mark(mine, from, until);
    } catch (error) {
      if (mine === this.#asked) this.trouble = wordsOf(error);
    } finally {
      if (mine === this.#asked) this.loading = false;
    }
  }

  /** Adds what the stream has just told of the tags. */
  hear(): void {
    if (!this.isOpen) return;
    const next = { ...this.#read };
    for (const tag of gateway.tags) {
      const known = next[tag.tag];
      if (known && this.tags.includes(tag.tag)) next[tag.tag] = followed(known, tag);
    }
    if (Object.entries(next).some(([tag, series]) => series !== this.#read[tag])) this.#read = next;
  }

  async #mark(mine: number, from: number, until: number): Promise<void> {
    const head = gateway.system?.journal?.head ?? 0;
    const first = await placeOf(api.journal, from, head);
    const last = until >= this.now ? head : await placeOf(api.journal, until, head);
    const [alarms, gaps] = await Promise.all(['alarm', 'gap'].map((kind) => between(api.journal, first, last, kind, MARKS_MAX)));
    if (mine !== this.#asked || !alarms || !gaps) return;
    this.#alarms = alarms.rows.map((row) => row.record as unknown as AlarmRecord);
    this.#gaps = gaps.rows as unknown as JournalEntry<GapRecord>[];
    this.marksCut = !alarms.whole;
  }

  /** What is known of each tag at a moment. */
  at(moment: number) {
    return this.series.map((series, index) => {
      const gap = gapAt(series, moment);
      const source = this.metas[index]?.source ?? '';
      const reason = gap === null ? null : gapReason(this.#gaps, source, moment);
      return { point: gap === null ? pointAt(series, moment) : null, gap, reason, alarms: this.alarms.filter((alarm) => alarm.tags.includes(series.tag) && alarm.from <= moment && moment <= alarm.until) };
    });
  }
}

export const trend = new Trend();
