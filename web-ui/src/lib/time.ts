/** Times and durations for people. The page never trusts the browser's clock or zone: it follows the gateway's and the site's. */

import { offset, zone } from './zone.svelte.ts';

export type Locale = 'zh' | 'en';

/** The difference between the gateway's clock and the page's own monotonic one, both in milliseconds. */
export interface Clock {
  offset: number;
}

const STEP_MS = 1_500;

/** Follows the gateway's time: small differences are delays of the network and are smoothed, large ones are steps. */
export function steer(clock: Clock | null, gateway: number, heard: number): Clock {
  const offset = gateway - heard;
  if (clock === null || Math.abs(offset - clock.offset) > STEP_MS) return { offset };
  return { offset: clock.offset + (offset - clock.offset) / 8 };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** The local time of the site in its parts. */
export function parts(at: number) {
  const local = new Date(at + zone.aheadMs(at));
  const iso = local.toISOString();
  return { date: iso.slice(0, 10), day: iso.slice(5, 10), clock: iso.slice(11, 19), ms: iso.slice(20, 23) };
}

/** `14:03:22` in the local time of the site, with the date in front when it is not the day of `now`. */
export function clockTime(time: string | null | undefined, now?: number): string {
  const at = parse(time);
  if (at === null) return '—';
  const { date, day, clock } = parts(at);
  return now === undefined || date === parts(now).date ? clock : `${day} ${clock}`;
}

/** `2026-11-23 14:03:22.123`, for hints where the exact moment counts. */
export function fullTime(time: string | null | undefined): string {
  const at = parse(time);
  if (at === null) return '—';
  const { date, clock, ms } = parts(at);
  return `${date} ${clock}.${ms}`;
}

export const isoDate = (at: number): string => parts(at).date;

/** `2026-11-23T14:03:22.123+08:00`, for files: the time of the site, and no doubt about the moment. */
export function isoTime(at: number): string {
  const { date, clock, ms } = parts(at);
  return `${date}T${clock}.${ms}${offset(zone.aheadMs(at))}`;
}

/** As a field for local time wants it: `2026-11-23T14:03:22`. */
export function toField(at: number): string {
  const { date, clock } = parts(at);
  return `${date}T${clock}`;
}

/** The moment that such a field, or a date alone, names in the local time of the site; not a number where it names none. */
export function fromField(text: string): number {
  const written = Date.parse(`${text.includes('T') ? text : `${text}T00:00:00`}Z`);
  return written - zone.aheadMs(written);
}

/** Milliseconds from a time to `now`; null when there is no such time. */
export function since(time: string | null | undefined, now: number): number | null {
  const at = parse(time);
  return at === null ? null : now - at;
}

/** `3 秒`, `2 分 05 秒`, `1 小时 04 分`, `3 天 2 小时`. Never negative. */
export function duration(ms: number, locale: Locale): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const unit = UNITS[locale];
  if (minutes === 0) return `${seconds}${unit.second}`;
  if (hours === 0) return `${minutes}${unit.minute} ${two(seconds % 60)}${unit.second}`;
  if (hours < 24) return `${hours}${unit.hour} ${two(minutes % 60)}${unit.minute}`;
  return `${Math.floor(hours / 24)}${unit.day} ${hours % 24}${unit.hour}`;
}

/** A duration that somebody has chosen, without what is naught: `250 毫秒`, `30 秒`, `15 分钟`, `1 小时 30 分钟`, `8 小时`. */
export function span(ms: number, locale: Locale): string {
  const unit = SPANS[locale];
  if (ms % 1000 !== 0) return ms < 1000 ? `${ms}${unit.ms}` : `${ms / 1000}${unit.second}`;
  const seconds = ms / 1000;
  const parts: [number, string][] = [[Math.floor(seconds / 86_400), unit.day], [Math.floor(seconds / 3600) % 24, unit.hour], [Math.floor(seconds / 60) % 60, unit.minute], [seconds % 60, unit.second]];
  const said = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount}${word}`);
  return said.length === 0 ? `0${unit.second}` : said.join(' ');
}

const SPANS: Record<Locale, { ms: string; second: string; minute: string; hour: string; day: string }> = {
  zh: { ms: ' 毫秒', second: ' 秒', minute: ' 分钟', hour: ' 小时', day: ' 天' },
  en: { ms: ' ms', second: ' s', minute: ' min', hour: ' h', day: ' d' },
};

/** `04:12`, for what runs down. Never negative. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}

const UNITS: Record<Locale, { second: string; minute: string; hour: string; day: string }> = {
  zh: { second: ' 秒', minute: ' 分', hour: ' 小时', day: ' 天' },
  en: { second: ' s', minute: ' min', hour: ' h', day: ' d' },
};

function parse(time: string | null | undefined): number | null {
  if (!time) return null;
  const at = Date.parse(time);
  return Number.isNaN(at) ? null : at;
}
