/**
 * Keeps a list still while someone is pointing into it: rows neither move nor vanish under the finger, new ones wait and
 * are counted. Pure.
 */

export interface Held<Row> {
  /** What to show, in the order held. Rows that have left the live list stay as they were last. */
  rows: { key: string; row: Row; gone: boolean }[];
  /** How many live rows are waiting to be shown. */
  waiting: number;
}

/**
 * The list as it should be shown: live when `shown` is null, else held to the rows last shown. `all` is the list before
 * it was filtered: a held row that a filter no longer lets through still shows its present state.
 */
export function hold<Row>(
  shown: readonly Row[] | null,
  live: readonly Row[],
  key: (row: Row) => string,
  all: readonly Row[] = live,
): Held<Row> {
  if (shown === null) return { rows: live.map((row) => ({ key: key(row), row, gone: false })), waiting: 0 };
  const present = new Map(all.map((row) => [key(row), row]));
  const held = new Set(shown.map(key));
  const rows = shown.map((row) => {
    const current = present.get(key(row));
    return { key: key(row), row: current ?? row, gone: current === undefined };
  });
  return { rows, waiting: live.filter((row) => !held.has(key(row))).length };
}
