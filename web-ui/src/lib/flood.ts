/** The list of alarms while more come than a person can answer: by unit, the worst first, and nothing that matters folded away. Pure. */

import { PRIORITIES, priorityRank } from './format.ts';
import type { AlarmRecord, Priority } from './types.ts';

export interface Listed {
  key: string;
  row: AlarmRecord;
  gone: boolean;
}

export interface Fold {
  unit: string | null;
  rows: Listed[];
  /** How many of each priority. */
  counts: { priority: Priority; n: number }[];
}

/** On top stand the first out and the worst of the flood, by their rules, the first out of a group, and what lives hang on. */
export const isNeverFolded = ({ rule, first_out, never_hidden }: AlarmRecord, ofFlood: readonly string[]): boolean =>
  first_out || never_hidden || ofFlood.includes(rule);

/** What stands on top, and the others by unit: the unit with the worst alarm first, and of two the one with more of them. */
export function fold(rows: readonly Listed[], ofFlood: readonly string[]): { top: Listed[]; folds: Fold[] } {
  const byUnit = new Map<string | null, Listed[]>();
  const top: Listed[] = [];
  for (const listed of rows) {
    if (isNeverFolded(listed.row, ofFlood)) top.push(listed);
    else byUnit.set(listed.row.unit, [...(byUnit.get(listed.row.unit) ?? []), listed]);
  }
  const folds = [...byUnit].map(([unit, of]) => ({ unit, rows: of, counts: counts(of) }));
  return { top, folds: folds.sort((one, other) => worst(one) - worst(other) || (other.counts[0]?.n ?? 0) - (one.counts[0]?.n ?? 0)) };
}

/** Those that there are, the worst first. */
function counts(rows: readonly Listed[]): Fold['counts'] {
  return PRIORITIES.map((priority) => ({ priority, n: rows.filter(({ row }) => row.priority === priority).length })).filter(({ n }) => n > 0);
}

const worst = ({ counts: [first] }: Fold): number => (first ? priorityRank(first.priority) : PRIORITIES.length);

/** A line of the list: an alarm, or the head of a unit whose alarms are folded. */
export type Line = (Listed & { fold?: undefined }) | { key: string; fold: Fold; open: boolean };

/** The lines of the list during a flood; `isOpen` says of which units the alarms are shown. */
export function lines(rows: readonly Listed[], ofFlood: readonly string[], isOpen: (fold: Fold, at: number) => boolean): Line[] {
  const { top, folds } = fold(rows, ofFlood);
  return [...top, ...folds.flatMap((one, at): Line[] => {
    const open = isOpen(one, at);
    return [{ key: `unit ${one.unit ?? ''}`, fold: one, open }, ...(open ? one.rows : [])];
  })];
}
