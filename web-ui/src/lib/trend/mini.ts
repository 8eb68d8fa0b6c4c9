/** A small curve: a tag around a moment, with a limit. Places are shares of a box of 100 × 40. Pure. */

import type { Series } from './series.ts';
import { extent } from './series.ts';

export interface Mini {
  /** One path for each stretch without a gap. */
  paths: string[];
  /** Where the limit lies; null where there is none. */
  limit: number | null;
  /** What the box spans. */
  low: number;
  high: number;
}

const WIDTH = 100;
const HEIGHT = 40;

/** Null where nothing is known. `until` is the end of the box, `end` the end of what can be known. */
export function mini(series: Series, from: number, until: number, end: number, limit: number | null): Mini | null {
  const span = extent({ ...series, points: within(series, from, end) });
  if (span === null) return null;
  const reach = limit === null ? span : [Math.min(span[0], limit), Math.max(span[1], limit)] as const;
  const air = (reach[1] - reach[0] || Math.abs(reach[1]) || 1) * 0.08;
  const [low, high] = [reach[0] - air, reach[1] + air];
  const x = (at: number) => (((Math.min(Math.max(at, from), until) - from) / (until - from)) * WIDTH).toFixed(2);
  const y = (value: number) => HEIGHT - ((value - low) / (high - low)) * HEIGHT;
  return { paths: stretches(series, from, end, x, y), limit: limit === null ? null : y(limit), low, high };
}

/** The points of the box, and the one before, whose value still held. */
function within({ points }: Series, from: number, end: number) {
  const first = points.findIndex((point) => point.at > from);
  return points.slice(Math.max(0, (first < 0 ? points.length : first) - 1)).filter((point) => point.at <= end);
}

/** Steps: a value holds until the next; the line ends where nothing is known. */
function stretches(series: Series, from: number, end: number, x: (at: number) => string, y: (value: number) => number): string[] {
  const paths: string[] = [];
  let open = '';
  const close = () => {
    if (open !== '') paths.push(open);
    open = '';
  };
  const points = within(series, from, end);
  points.forEach((point, at) => {
    const next = points[at + 1]?.at ?? end;
    const gap = series.gaps.find((one) => one.from < next && one.until > point.at);
    if (point.value === null) return close();
    const height = y(point.value).toFixed(2);
    open += open === '' ? `M${x(point.at)} ${height}` : `V${height}`;
    open += `H${x(Math.min(next, gap?.from ?? next))}`;
    if (gap) close();
  });
  close();
  return paths;
}
