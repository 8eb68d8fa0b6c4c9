/** Audits as a table for spreadsheets. Pure. */

import type { Entry } from './journal.ts';
import { isoTime } from './time.ts';
import { written, type Cell } from './trend/csv.ts';

const HEAD = ['seq', 'time', 'by', 'action', 'object', 'before', 'after', 'note', 'refused', 'config_version'] as const;

export function auditCsv(rows: readonly Entry[]): string {
  const text = (value: unknown): Cell => (typeof value === 'string' ? value : '');
  const row = ({ seq, at, record }: Entry): Cell[] => [seq, isoTime(Date.parse(at)), ...HEAD.slice(2).map((field) => text(record[field]))];
  return written([HEAD, ...rows.filter(({ kind }) => kind === 'audit').map(row)]);
}
