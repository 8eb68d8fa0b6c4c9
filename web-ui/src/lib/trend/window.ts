/** The span of time that a trend shows: one that follows the present, or one that stands. Milliseconds since 1970. Pure. */

import type { Query } from '../route.svelte.ts';

export type Window = { live: true; ms: number } | { live: false; from: number; until: number };

export const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The spans that can be chosen by name. */
export const SPANS: Readonly<Record<string, number>> = { '15m': 15 * MINUTE, '1h': HOUR, '8h': 8 * HOUR, '1d': DAY, '7d': 7 * DAY, '30d': 30 * DAY };
export const USUAL: Window = { live: true, ms: HOUR };

const NARROWEST = 1_000;
/** As long as the samples of the longest retention are ever kept. */
const WIDEST = 400 * DAY;

export function bounds(window: Window, now: number): [from: number, until: number] {
  return window.live ? [now - window.ms, now] : [window.from, window.until];
}

/** Narrower (factor below 1) or wider around a moment, which stays where it is. What reaches the future is cut off at the present. */
export function zoomed(window: Window, now: number, factor: number, around: number): Window {
  const [from, until] = bounds(window, now);
  const wanted = (until - from) * factor;
  const width = Math.min(WIDEST, Math.max(NARROWEST, wanted));
  // There is nothing to look at in the future, which a window around something that has just happened reaches into.
  const still = Math.min(around, now);
  const share = (still - from) / Math.max(1, until - from);
  return standing(still - width * share, still + width * (1 - share), now);
}

/** Moved by a share of its width, to the past where it is negative; not beyond the present. */
export function panned(window: Window, now: number, share: number): Window {
  const [from, until] = bounds(window, now);
  const by = Math.min((until - from) * share, Math.max(0, now - until));
  return standing(from + by, until + by, now);
}

export function standing(from: number, until: number, now: number): Window {
  const end = Math.min(until, now);
  const begin = Math.max(end - WIDEST, Math.min(from, end - NARROWEST));
  return { live: false, from: Math.round(begin), until: Math.round(end) };
}

/** Some minutes before and after a moment; what lies ahead comes when it comes. */
export const around = (time: string, minutes = 5): Query => {
  const at = Date.parse(time);
  return [['from', new Date(at - minutes * MINUTE).toISOString()], ['until', new Date(at + minutes * MINUTE).toISOString()]];
};

export function toQuery(window: Window): Query {
  if (!window.live) return [['from', new Date(window.from).toISOString()], ['until', new Date(window.until).toISOString()]];
  const name = Object.entries(SPANS).find(([, ms]) => ms === window.ms)?.[0];
  return [['span', name ?? '1h']];
}

export function fromQuery(query: URLSearchParams): Window {
  const [from, until] = [Date.parse(query.get('from') ?? ''), Date.parse(query.get('until') ?? '')];
  if (from < until) return { live: false, from, until };
  const ms = SPANS[query.get('span') ?? ''];
  return ms === undefined ? USUAL : { live: true, ms };
}

/** The most tags of one picture: more lines cannot be told apart. */
export const TAGS_MAX = 8;

export const tagsOf = (query: URLSearchParams): string[] => [...new Set(query.getAll('tag'))].slice(0, TAGS_MAX);
