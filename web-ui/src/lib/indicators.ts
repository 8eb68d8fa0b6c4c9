/** The indicators as `GET /api/v1/kpi` gives them: shapes, and the asking. */

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

const TIMEOUT_MS = 8_000;

export async function ask(days: number): Promise<Indicators> {
  const response = await fetch(`/api/v1/kpi?days=${days}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return ((await response.json()) as { indicators: Indicators }).indicators;
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
