/** What a what-if has found, over all that was played. Pure. */

import type { WhatIfView } from './types.ts';

type Result = NonNullable<WhatIfView['result']>;
export type Run = Result['runs'][number];
export type Rate = Run['then'];
export type Change = Run['alarms'][number];

/** How often alarms came in all runs together: counts are added, the peak is the highest, shares are weighed by time. */
export function together(runs: readonly Run[], side: 'then' | 'now'): Rate {
  const lengths = runs.map((run) => Math.max(1, Date.parse(run.to) - Date.parse(run.from)));
  const all = lengths.reduce((sum, length) => sum + length, 0);
  const sum = (of: (rate: Rate) => number) => runs.reduce((total, run) => total + of(run[side]), 0);
  const weighed = (of: (rate: Rate) => number) => runs.reduce((total, run, at) => total + (of(run[side]) * (lengths[at] ?? 0)) / all, 0);
  return {
    alarms: sum((rate) => rate.alarms), warnings: sum((rate) => rate.warnings), per_ten_minutes: weighed((rate) => rate.per_ten_minutes),
    peak_ten_minutes: Math.max(0, ...runs.map((run) => run[side].peak_ten_minutes)), flood_share: weighed((rate) => rate.flood_share),
  };
}

/** What differs, by rule or risk event, the most first. */
export function differing(runs: readonly Run[], what: 'alarms' | 'warnings'): Change[] {
  const byId = new Map<string, Change>();
  for (const change of runs.flatMap((run) => run[what])) {
    const known = byId.get(change.id);
    byId.set(change.id, known ? joined(known, change) : change);
  }
  return [...byId.values()].filter((change) => weight(change) > 0).sort((one, other) => weight(other) - weight(one) || one.id.localeCompare(other.id));
}

export const weight = ({ added, removed, moved, ended, ranked }: Change): number => added.length + removed.length + moved.length + ended.length + ranked.length;

function joined(one: Change, other: Change): Change {
  return {
    ...one, then: one.then + other.then, now: one.now + other.now, added: [...one.added, ...other.added], removed: [...one.removed, ...other.removed], moved: [...one.moved, ...other.moved],
    ended: [...one.ended, ...other.ended], ranked: [...one.ranked, ...other.ranked], then_ms: one.then_ms + other.then_ms, now_ms: one.now_ms + other.now_ms,
  };
}

/** The column of the point table that a limit stands in, by the kind of its rule. */
export const LIMIT_COLUMNS: Readonly<Record<string, string>> = { limit_ll: 'LL', limit_l: 'L', limit_h: 'H', limit_hh: 'HH' };
