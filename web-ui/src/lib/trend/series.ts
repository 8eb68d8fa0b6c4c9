/**
 * What is known of a tag in a span of time, ready to be drawn and read out. A value holds until the next is heard; where
 * nothing is known the line breaks. Times are milliseconds since 1970. Pure.
 */

import { severity } from '../format.ts';
import type { HistoryGap, TagHistory, TagView } from '../types.ts';

export interface Point {
  at: number;
  /** Null where there is no number. */
  value: number | null;
  /** An OPC UA status code; null where many values stand together. */
  quality: number | null;
  received: number | null;
  origin: 'source' | 'gateway' | 'source_history' | null;
  /** The least and the greatest of the values that stand together here; null for a single value. */
  min: number | null;
  max: number | null;
  /** How many values stand together here, and how many of them are bad. */
  count: number;
  bad: number;
}

export interface Gap {
  from: number;
  /** Infinity while it lasts. */
  until: number;
  why: HistoryGap['why'];
}

export interface Series {
  tag: string;
  points: readonly Point[];
  gaps: readonly Gap[];
  /** How many milliseconds one point stands for; null where every value has its own. */
  step: number | null;
}

export const NOTHING = (tag: string): Series => ({ tag, points: [], gaps: [], step: null });

/** From the answer of the gateway. */
export function read({ tag, before, values, steps, step_ms, gaps }: TagHistory): Series {
  const single = [...(before ? [before] : []), ...values].map((one): Point => ({
    at: Date.parse(one.time), value: one.value, quality: one.quality, received: Date.parse(one.received_time), origin: one.origin, min: null, max: null, count: 1, bad: severity(one.quality) === 'bad' ? 1 : 0,
  }));
  const together = steps.filter((step) => step.count > 0).map((step): Point => ({
    at: Date.parse(step.from), value: step.last, quality: null, received: null, origin: null, min: step.min, max: step.max, count: step.count, bad: step.bad,
  }));
  const missing = gaps.map((gap): Gap => ({ from: Date.parse(gap.from), until: gap.until === null ? Infinity : Date.parse(gap.until), why: gap.why }));
  return { tag, points: [...single, ...together], gaps: missing, step: step_ms };
}

/** With the value that was just heard, where it is newer than all others. The same object when it is not. */
export function followed(series: Series, tag: TagView): Series {
  const time = tag.source_time ?? tag.received_time;
  if (time === null || tag.received_time === null) return series;
  const at = Date.parse(time);
  const last = series.points.at(-1);
  if (last && at <= last.at) return series;
  const point: Point = { at, value: tag.value, quality: tag.quality, received: Date.parse(tag.received_time), origin: tag.source_time === null ? 'gateway' : 'source', min: null, max: null, count: 1, bad: tag.severity === 'bad' ? 1 : 0 };
  return { ...series, points: [...series.points, point], gaps: series.gaps.map((gap) => (gap.until === Infinity && gap.from < at ? { ...gap, until: at } : gap)) };
}

/** The gap that a moment lies in. */
export const gapAt = (series: Series, at: number): Gap | null => series.gaps.find((gap) => gap.from <= at && at < gap.until) ?? null;

/** The last point not after a moment; null before the first. */
export function pointAt(series: Series, at: number): Point | null {
  let [low, high] = [0, series.points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((series.points[middle]?.at ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return series.points[low - 1] ?? null;
}

export interface Stretch {
  from: number;
  until: number;
  severity: 'uncertain' | 'bad';
}

/** Stretches whose values may not be believed, until `end`. */
export function doubtful(series: Series, end: number): Stretch[] {
  const found: Stretch[] = [];
  series.points.forEach((point, index) => {
    const grade = point.quality === null ? (point.bad > 0 ? 'bad' : 'good') : severity(point.quality);
    if (grade === 'good') return;
    const next = series.points[index + 1]?.at ?? end;
    const until = series.step === null || point.quality !== null ? next : Math.min(next, point.at + series.step);
    const last = found.at(-1);
    if (last && last.until === point.at && last.severity === grade) last.until = until;
    else if (until > point.at) found.push({ from: point.at, until, severity: grade });
  });
  return found;
}

/** The least and the greatest number; null without any. */
export function extent(series: Series): [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { value, min, max } of series.points) {
    if (value === null) continue;
    low = Math.min(low, min ?? value);
    high = Math.max(high, max ?? value);
  }
  return low <= high ? [low, high] : null;
}

/** A column for each tag over the times of all: a number, null where the line breaks, undefined where it goes on. */
export type Column = (number | null | undefined)[];

/** The times of all series with a column for each; the last values are held until `end`. */
export function columns(all: readonly Series[], end: number, drawn: (value: number, tag: string) => number = (value) => value): [number[], ...Column[]] {
  const times = new Set<number>();
  for (const { points, gaps } of all) {
    for (const { at } of points) times.add(at);
    for (const { from, until } of gaps) for (const at of [from, until]) if (at < end) times.add(at);
  }
  if (times.size > 0) times.add(Math.max(end, ...all.map((series) => series.points.at(-1)?.at ?? -Infinity)));
  const xs = [...times].sort((one, other) => one - other);
  return [xs, ...all.map((series) => column(series, xs, drawn))];
}

function column({ tag, points, gaps }: Series, xs: readonly number[], drawn: (value: number, tag: string) => number): Column {
  let next = 0;
  let held: number | null = null;
  return xs.map((at, index) => {
    let isPoint = false;
    for (let point = points[next]; point && point.at <= at; point = points[(next += 1)]) [held, isPoint] = [point.value, true];
    if (gaps.some((gap) => gap.from <= at && at < gap.until)) return null;
    if (held === null) return null;
    return isPoint || index === xs.length - 1 ? drawn(held, tag) : undefined;
  });
}
