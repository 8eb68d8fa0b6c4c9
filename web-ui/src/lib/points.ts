/** The point table as it would be with what is drafted. Pure. */

/** Cells by the English names of the columns of `tags.csv`. */
export type Cells = Readonly<Record<string, string>>;

export interface Point {
  /** The tag. */
  key: string;
  cells: Cells;
  /** Whether it is as it is in force, is changed by the draft, or is there by the draft alone. */
  standing: 'in_force' | 'changed' | 'new';
}

/** What of a draft concerns the table, one after the other. */
export interface PointsEdit {
  edit: 'points';
  rows?: readonly Cells[];
  removed?: readonly string[];
}

/** The columns by which a row is found in the table. */
const TAG_NAMES = ['tag', 'BIT_NO', '位号'];
const tagOf = (cells: Cells): string => TAG_NAMES.map((name) => cells[name]).find((tag) => tag !== undefined) ?? '';

export function overlaid(base: readonly Cells[], edits: readonly { edit: string }[]): Point[] {
  const points = new Map<string, Point>(base.map((cells) => [tagOf(cells), { key: tagOf(cells), cells, standing: 'in_force' }]));
  for (const edit of edits) {
    if (edit.edit !== 'points') continue;
    const { rows = [], removed = [] } = edit as PointsEdit;
    removed.forEach((tag) => points.delete(tag));
    for (const row of rows) {
      const tag = tagOf(row);
      const { BIT_NO: _, 位号: __, ...cells } = row;
      const present = points.get(tag);
      points.set(tag, { key: tag, cells: { ...present?.cells, ...cells, tag }, standing: present && present.standing !== 'new' ? 'changed' : 'new' });
    }
  }
  return [...points.values()];
}

/** Which points a person looks for. */
export interface Wanted {
  text: string;
  /** Empty for every one. */
  source: string;
  /** Empty for every one, `-` for those without. */
  unit: string;
  without: '' | 'measure' | 'limits' | 'unit';
}

export const LIMITS = ['LL', 'L', 'H', 'HH'] as const;
const cell = (point: Point, column: string): string => point.cells[column] ?? '';

export function filtered(points: readonly Point[], { text, source, unit, without }: Wanted): Point[] {
  const words = text.trim().toLowerCase();
  const has = (point: Point) => words === '' || ['tag', 'name', 'address'].some((column) => cell(point, column).toLowerCase().includes(words));
  const lacks = (point: Point) =>
    without === '' || (without === 'limits' ? LIMITS.every((limit) => cell(point, limit) === '') : cell(point, without) === '');
  return points.filter((point) =>
    has(point) && lacks(point) && (source === '' || cell(point, 'source') === source) && (unit === '' || (cell(point, 'unit') || '-') === unit));
}

/** What a dialogue changes: the tag, and the cells that differ. */
export function changes(before: Cells, after: Cells): Cells | null {
  const differing = Object.entries(after).filter(([column, value]) => (before[column] ?? '') !== value.trim());
  if (differing.length === 0) return null;
  return { tag: after['tag']?.trim() ?? '', ...Object.fromEntries(differing.map(([column, value]) => [column, value.trim()])) };
}

/** A number as it is typed; null where it is none. */
export function numeric(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
