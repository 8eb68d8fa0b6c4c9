import { describe, expect, it } from 'vitest';
import { offsetOf, slice } from '../src/lib/windowed.ts';

const thousand = Array.from({ length: 1_000 }, () => 50);

describe('a long list', () => {
  it.each([
    // top, view, spare: from, until
    [0, 500, 0, 0, 10], [-300, 500, 0, 0, 4], [25_000, 500, 0, 500, 510], [25_020, 500, 100, 498, 513], [49_900, 500, 0, 998, 1_000], [60_000, 500, 0, 1_000, 1_000], [-900, 500, 0, 0, 0],
  ])('at %s of %s px with %s around draws rows %s to %s', (top, view, spare, from, until) => {
    const drawn = slice(thousand, top, view, spare);
    expect([drawn.from, drawn.until]).toEqual([from, until]);
    expect(drawn.above + drawn.below + (until - from) * 50).toBe(50_000);
  });

  it('takes rows for as high as they are', () => {
    expect(slice([10, 200, 10, 10], 100, 120, 0)).toEqual({ from: 1, until: 3, above: 10, below: 10 });
    expect([offsetOf([10, 200, 10], 2), offsetOf([10], -1), offsetOf([10], 9)]).toEqual([210, 0, 10]);
  });

  it('is empty when there is nothing', () => expect(slice([], 0, 500, 100)).toEqual({ from: 0, until: 0, above: 0, below: 0 }));
});
