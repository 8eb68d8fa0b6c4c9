/** The indicators as `GET /api/v1/kpi` gives them: their shapes, and what is read out of them. Pure. */

export interface FourFigures {
  disturbance_rate: number | null;
  alarms: number;
  repeated_alarms: number;
  cleared: number;
  clear_ms_mean: number | null;
  clear_ms_max: number;
  to_acknowledge: number;
  timeliness: number | null;
}

export interface WeekFigures {
  monday: string;
  issued: number;
  completed: number;
  cancelled: number;
  accepted: number;
  rejected: number;
}

export interface ScopeFigures extends FourFigures {
  coverage: { measures: number; automatic: number; watched: number };
  weeks: WeekFigures[];
}

export interface UnitFigures extends ScopeFigures {
  unit: string;
  name: string;
}

export interface DayFigures extends FourFigures {
  date: string;
}

export interface MeasureFigures {
  measure: string;
  description: string;
  unit: string;
  effective_ms: number;
  failed_ms: number;
  bypassed_ms: number;
  unknown_ms: number;
  effective_share: number | null;
}

export interface Indicators {
  complete: boolean;
  since: string;
  until: string;
  days: number;
  site: ScopeFigures;
  by_day: DayFigures[];
  units: UnitFigures[];
  measures: MeasureFigures[];
}

/** The Monday of the week of a day; both `2026-11-23`. */
export function mondayOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}

/** The week of today at the site; nothing while it has brought nothing. */
export function thisWeek({ site, by_day }: Indicators): WeekFigures | undefined {
  const today = by_day.at(-1);
  return today && site.weeks.find(({ monday }) => monday === mondayOf(today.date));
}

/** The states of a measure in the order of the bar. */
export const SPELLS = ['effective', 'failed', 'bypassed', 'unknown'] as const;
export type Spell = (typeof SPELLS)[number];

/** The share of each state, 0 to 1; nothing where there are no records. */
export function spells(measure: MeasureFigures): { spell: Spell; share: number }[] {
  const all = SPELLS.reduce((sum, spell) => sum + measure[`${spell}_ms`], 0);
  if (all === 0) return [];
  return SPELLS.map((spell) => ({ spell, share: measure[`${spell}_ms`] / all })).filter(({ share }) => share > 0);
}
