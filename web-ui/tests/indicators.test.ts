import { describe, expect, it } from 'vitest';
import { spells, type MeasureFigures } from '../src/lib/indicators.ts';

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
