import { describe, expect, it } from 'vitest';
import { mondayOf, spells, thisWeek, type Indicators, type MeasureFigures } from '../src/lib/indicators.ts';

const measure = (times: Partial<MeasureFigures>): MeasureFigures => ({
  measure: 'M1', description: '', unit: 'U1', effective_ms: 0, failed_ms: 0, bypassed_ms: 0, unknown_ms: 0, effective_share: null, ...times,
});

describe('the shares of a measure', () => {
  it('are nothing without records', () => {
    expect(spells(measure({}))).toEqual([]);
  });

  it('leave out what never was and make up the whole', () => {
    expect(spells(measure({ effective_ms: 30, failed_ms: 10 }))).toEqual([{ spell: 'effective', share: 0.75 }, { spell: 'failed', share: 0.25 }]);
  });
});

describe('the week', () => {
  it('begins on Monday', () => {
    for (const [date, monday] of [['2026-11-23', '2026-11-23'], ['2026-11-29', '2026-11-23'], ['2026-11-30', '2026-11-30'], ['2027-01-01', '2026-12-28']] as const) {
      expect(mondayOf(date)).toBe(monday);
    }
  });

  it('is not the last one on Monday morning, when nothing has happened yet', () => {
    const on = (date: string, ...mondays: string[]) => ({ by_day: [{ date }], site: { weeks: mondays.map((monday) => ({ monday })) } }) as Indicators;
    expect(thisWeek(on('2026-11-30', '2026-11-16', '2026-11-23'))).toBeUndefined();
    expect(thisWeek(on('2026-11-30', '2026-11-23', '2026-11-30'))?.monday).toBe('2026-11-30');
    expect(thisWeek(on('2026-11-29', '2026-11-23'))?.monday).toBe('2026-11-23');
  });
});
