/** What a trend shows as comma-separated values (RFC 4180), one value a line, for spreadsheets. Pure. */

import { qualityName } from '../format.ts';
import { isoTime } from '../time.ts';
import type { Meta } from './scales.ts';
import type { Series } from './series.ts';

const HEAD = ['tag', 'name', 'engineering_unit', 'time', 'received_time', 'value', 'min', 'max', 'count', 'bad', 'quality', 'quality_name', 'origin', 'gap_until', 'gap_why'];
/** Spreadsheets take a file for UTF-8 only when it begins so. */
const MARK = '\ufeff';

export type Cell = string | number | null;

/** Rows as a file, the first of them the names of the columns. */
export const written = (rows: readonly (readonly Cell[])[]): string => MARK + rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';

export function csv(metas: readonly Meta[], all: readonly Series[], from: number, until: number): string {
  const rows = all.flatMap((series, index) => {
    const meta = metas[index];
    const about: Cell[] = [series.tag, meta?.name ?? '', meta?.engineering_unit ?? ''];
    const points = series.points.filter(({ at }) => from <= at && at <= until).map((point) => ({ at: point.at, cells: [
      ...about, iso(point.at), iso(point.received), point.value, point.min, point.max, point.count, point.bad,
      point.quality, point.quality === null ? '' : qualityName(point.quality), point.origin ?? '', '', '',
    ] as Cell[] }));
    const gaps = series.gaps.filter((gap) => gap.from <= until && gap.until >= from).map((gap) => ({ at: gap.from, cells: [...about, iso(gap.from), '', '', '', '', '', '', '', '', '', gap.until === Infinity ? '' : iso(gap.until), gap.why] as Cell[] }));
    return [...points, ...gaps].sort((one, other) => one.at - other.at).map(({ cells }) => cells);
  });
  return written([HEAD, ...rows]);
}

function cell(value: Cell): string {
  if (value === null) return '';
  const text = String(value);
  // A name that begins like a formula must not be run by the spreadsheet.
  const safe = typeof value === 'string' && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const iso = (at: number | null): string => (at === null || Number.isNaN(at) ? '' : isoTime(at));
