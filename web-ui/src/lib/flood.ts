/** The list of alarms while more come than a person can answer: by unit, the worst first, and nothing that matters folded away. Pure. */

import { isOnLife } from './alarms.ts';
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

/** The first out, a call for help and a gas alarm stand on top in any flood. */
export const isNeverFolded = ({ first_out, rule_kind }: AlarmRecord): boolean => first_out || isOnLife(rule_kind);

/** What stands on top, and the others by unit: the unit with the worst alarm first, and of two the one with more of them. */
export function fold(rows: readonly Listed[]): { top: Listed[]; folds: Fold[] } {
  const byUnit = new Map<string | null, Listed[]>();
  const top: Listed[] = [];
  for (const listed of rows) {
    if (isNeverFolded(listed.row)) top.push(listed);
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
