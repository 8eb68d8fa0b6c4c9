/** The local time of the site, in which every time is told and asked for. Until the gateway has said it, that of the browser. */

const MINUTE_MS = 60_000;

let minutes = $state<number | null>(null);

/** Milliseconds of the browser's own zone ahead of UTC at a moment. */
const ofBrowser = (at: number): number => -new Date(at).getTimezoneOffset() * MINUTE_MS;

export const zone = {
  /** How far the site is ahead of UTC in minutes; null while that is not known. */
  get minutes(): number | null {
    return minutes;
  },
  set minutes(next: number | null) {
    minutes = next;
  },
  /** The same at a moment, in milliseconds. */
  aheadMs(at: number): number {
    return minutes === null ? ofBrowser(at) : minutes * MINUTE_MS;
  },
  /** `UTC+08:00`. */
  name(at: number): string {
    return `UTC${offset(zone.aheadMs(at))}`;
  },
  /** Whether a clock beside the browser shows another time. */
  differs(at: number): boolean {
    return minutes !== null && zone.aheadMs(at) !== ofBrowser(at);
  },
  /** A date whose fields in the zone of the browser are those of the site: for what reads nothing else. */
  asBrowser(at: number): Date {
    return new Date(at + zone.aheadMs(at) - ofBrowser(at));
  },
};

/** `+08:00`. */
export function offset(aheadMs: number): string {
  const ahead = Math.round(Math.abs(aheadMs) / MINUTE_MS);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${aheadMs < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}
