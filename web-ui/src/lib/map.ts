/** The map of the site: metres on the local plane to places on the screen. Pure. */

import type { SiteMap, Trigger, WarningRecord, ZoneView } from './types.ts';

export type Point = readonly [x: number, y: number];
type Ring = readonly (readonly number[])[];

/** What is seen of the plane: its edges in metres. */
export interface Frame {
  west: number;
  north: number;
  width: number;
  height: number;
}

/** Air around what there is, as a share of it. */
const AIR = 0.03;

/** Shows everything, whatever its shape; null where nothing lies anywhere. */
export function frameOf(map: SiteMap): Frame | null {
  const points = map.zones.flatMap((zone) => zone.rings.flat());
  const { plan } = map;
  if (plan) points.push([plan.west, plan.south], [plan.east, plan.north]);
  if (points.length === 0) return null;
  const [xs, ys] = [points.map((point) => point[0] ?? 0), points.map((point) => point[1] ?? 0)];
  const [west, east, south, north] = [least(xs), -least(xs.map((x) => -x)), least(ys), -least(ys.map((y) => -y))];
  const air = plan ? 0 : Math.max(east - west, north - south, 1) * AIR;
  return { west: west - air, north: north + air, width: Math.max(1, east - west) + 2 * air, height: Math.max(1, north - south) + 2 * air };
}

const least = (all: readonly number[]): number => all.reduce((one, other) => Math.min(one, other), Infinity);

/** Where a point is seen: metres from the left and from the top. */
export const seen = (frame: Frame, x: number, y: number): Point => [x - frame.west, frame.north - y];

/** The same in per cent of the picture. */
export function share(frame: Frame, [x, y]: Point): { left: string; top: string } {
  const [left, top] = seen(frame, x, y);
  return { left: `${((left / frame.width) * 100).toFixed(2)}%`, top: `${((top / frame.height) * 100).toFixed(2)}%` };
}

/** The rings as the data of an SVG path, filled by the even-odd rule. */
export const path = (frame: Frame, rings: readonly Ring[]): string =>
  rings.map((ring) => `M${ring.map(([x = 0, y = 0]) => seen(frame, x, y).map((one) => one.toFixed(2)).join(' ')).join('L')}Z`).join('');

/** Where a label of a zone stands: in the middle of the widest stretch inside it, half way up; it is never outside of it. */
export function middle(rings: readonly Ring[]): { at: Point; width: number } {
  const ys = rings.flat().map(([, y = 0]) => y);
  const y = (least(ys) - least(ys.map((one) => -one))) / 2;
  const cuts = rings.flatMap((ring) => crossings(ring, y)).sort((one, other) => one - other);
  let best: Point = [rings[0]?.[0]?.[0] ?? 0, y];
  let width = -1;
  for (let at = 0; at + 1 < cuts.length; at += 2) {
    const [from = 0, until = 0] = [cuts[at], cuts[at + 1]];
    if (until - from > width) [best, width] = [[(from + until) / 2, y], until - from];
  }
  return { at: best, width: Math.max(0, width) };
}

/** Where the edges of a ring cross a height. */
function crossings(ring: Ring, y: number): number[] {
  return ring.flatMap(([x1 = 0, y1 = 0], at) => {
    const [x2 = 0, y2 = 0] = ring[(at + 1) % ring.length] ?? [];
    return y1 > y === y2 > y ? [] : [x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)];
  });
}

/** The zone that an observation is about, where it is about one. */
export function zoneOf(trigger: Trigger): string | null {
  if (trigger.observed === 'sos' || trigger.observed === 'person') return trigger.person.zone;
  if (trigger.observed === 'crowd' || trigger.observed === 'gathering' || trigger.observed === 'staffing') return trigger.zone;
  return null;
}

/** The warnings of each zone: where they were seen, or else the first zone of their unit that is drawn. */
export function pinned(warnings: readonly WarningRecord[], zones: readonly ZoneView[], drawn: ReadonlySet<string>): ReadonlyMap<string, WarningRecord[]> {
  const pins = new Map<string, WarningRecord[]>();
  for (const warning of warnings) {
    const told = warning.alarms.map((alarm) => zoneOf(alarm.trigger)).find((zone) => zone !== null && drawn.has(zone));
    const zone = told ?? zones.find((one) => one.unit === warning.unit && drawn.has(one.zone))?.zone;
    if (zone !== undefined) pins.set(zone, [...(pins.get(zone) ?? []), warning]);
  }
  return pins;
}

/** A round number of metres about a fifth of the width: the scale and the grid. */
export function step(frame: Frame): number {
  const wanted = Math.max(frame.width / 5, 1e-3);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([5, 2, 1].find((digit) => digit * power <= wanted) ?? 1) * power;
}
