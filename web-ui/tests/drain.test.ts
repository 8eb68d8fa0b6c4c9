import { describe, expect, it } from 'vitest';
import { drain } from '../src/lib/drain.ts';

const line = (from: number, step: number, seconds: number) => Array.from({ length: seconds }, (_, at) => from + at * step);

describe('what waits', () => {
  it.each([
    [[], null], [[9, 8], null], [[5, 0], { state: 'empty' }], [line(100, 0, 10), { state: 'standing' }], [line(100, 3, 10), { state: 'growing' }],
    [line(1_000, -10, 11), { state: 'draining', ms: 90_000 }], [[...line(0, 100, 200), ...line(20_000, -100, 61)], { state: 'draining', ms: 140_000 }],
  ])('%#', (history, found) => expect(drain(history)).toEqual(found));
});
