import { describe, expect, it } from 'vitest';
import { aside, below, overlap, type Box } from '../src/lib/trend/boxes.ts';

const box = (left: number, middle: number, width = 100): Box => ({ left, width, middle, height: 16 });

describe('labels', () => {
  it('stand aside of all that are at their height', () => {
    const taken = [box(106, 52, 300), box(0, 50), box(0, 200)];
    expect(aside(box(2, 45), taken).left).toBe(410);
    expect(aside(box(2, 120), taken)).toEqual(box(2, 120));
  });

  it('go below what they would cover', () => {
    const taken = [box(0, 26), box(0, 10), box(500, 42)];
    expect(below(box(40, 12), taken).middle).toBe(42);
    expect(below(box(200, 12), taken).middle).toBe(12);
  });

  it('never lie on each other, however many there are', () => {
    const placed: Box[] = [];
    for (let at = 0; at < 40; at += 1) placed.push(aside(box((at * 37) % 300, 100 + ((at * 11) % 60), 60 + ((at * 53) % 400)), placed));
    expect(placed.filter((one, at) => placed.some((other, index) => index !== at && overlap(one, other)))).toEqual([]);
  });
});
