import { describe, expect, it } from 'vitest';
import { mini } from '../src/lib/trend/mini.ts';
import { NOTHING, type Gap, type Point, type Series } from '../src/lib/trend/series.ts';

const point = (at: number, value: number | null): Point => ({ at, value, quality: 0, received: at, origin: 'source', min: null, max: null, count: 1, bad: 0 });
const series = (points: Point[], gaps: Gap[] = []): Series => ({ tag: 'A', points, gaps, step: null });

describe('a small curve', () => {
  it('holds each value until the next and takes the limit in', () => {
    const curve = mini(series([point(-50, 0), point(50, 10)]), 0, 100, 80, 20);
    expect(curve && [curve.low, curve.high, curve.limit?.toFixed(2)]).toEqual([-1.6, 21.6, '2.76']);
    expect(curve?.paths).toEqual(['M0.00 37.24H50.00V20.00H80.00']);
  });

  it('breaks where nothing is known', () => {
    const curve = mini(series([point(0, 1), point(60, 1), point(80, null)], [{ from: 20, until: 60, why: 'not_heard' }]), 0, 100, 100, null);
    expect(curve?.paths.map((path) => path.replaceAll(/ \d+\.\d+/g, ''))).toEqual(['M0.00H20.00', 'M60.00H80.00']);
  });

  it('is none without a number', () => {
    expect(mini(NOTHING('A'), 0, 100, 100, 5)).toBeNull();
    expect(mini(series([point(10, null)]), 0, 100, 100, null)).toBeNull();
  });
});
