import { describe, expect, it } from 'vitest';
import { frameOf, middle, path, pinned, share, step, zoneOf } from '../src/lib/map.ts';
import type { SiteMap, Trigger, WarningRecord, ZoneView } from '../src/lib/types.ts';

const square = (west: number, south: number, side: number) => [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]];
const zones = (...rings: number[][][]): SiteMap => ({ zones: rings.map((ring, at) => ({ zone: `Z-${at}`, floor: null, rings: [ring] })), plan: null, cameras: [] }) as unknown as SiteMap;

describe('the frame', () => {
  it('takes in every zone with air around, north above', () => {
    const frame = frameOf(zones(square(0, 0, 100), square(200, 50, 100)));
    expect(frame).toEqual({ west: -9, north: 159, width: 318, height: 168 });
    expect(frame && share(frame, [300, 150])).toEqual({ left: '97.17%', top: '5.36%' });
  });

  it('is the plan with what sticks out of it', () => {
    const plan = { west: 0, south: 0, east: 400, north: 250 };
    expect(frameOf({ ...zones(square(10, 10, 20)), plan })).toEqual({ west: 0, north: 250, width: 400, height: 250 });
    expect(frameOf({ ...zones(square(390, 10, 20)), plan })).toEqual({ west: 0, north: 250, width: 410, height: 250 });
  });

  it('is none where nothing lies anywhere', () => expect(frameOf(zones())).toBeNull());

  it.each([[400, 50], [1_000, 200], [99, 10], [7.5, 1], [0.4, 0.05]])('%s m wide has a grid of %s m', (width, metres) => {
    expect(step({ west: 0, north: 0, width, height: 1 })).toBeCloseTo(metres, 9);
  });
});

describe('a zone', () => {
  const frame = { west: 0, north: 10, width: 10, height: 10 };

  it('is a path with its holes', () => {
    expect(path(frame, [square(0, 0, 10), square(2, 2, 4)])).toBe('M0.00 10.00L10.00 10.00L10.00 0.00L0.00 0.00L0.00 10.00ZM2.00 8.00L6.00 8.00L6.00 4.00L2.00 4.00L2.00 8.00Z');
  });

  it('has its label inside, also where its middle is not', () => {
    expect(middle([square(0, 0, 10)])).toEqual({ at: [5, 5], width: 10 });
    // A horseshoe open to the right, and a ring.
    const horseshoe = [[0, 0], [10, 0], [10, 2], [2, 2], [2, 8], [10, 8], [10, 10], [0, 10], [0, 0]];
    expect(middle([horseshoe])).toEqual({ at: [1, 5], width: 2 });
    expect(middle([square(0, 0, 10), square(3, 3, 6)])).toEqual({ at: [1.5, 5], width: 3 });
    expect(middle([square(0, 0, 2), square(5, 0, 4)]).at[0]).toBeGreaterThan(5);
  });
});

describe('a warning is pinned', () => {
  const zone = (id: string, unit: string | null) => ({ zone: id, name: id, unit, people_count: 0 }) as ZoneView;
  const warning = (id: string, unit: string, ...triggers: object[]) => ({ id, unit, alarms: triggers.map((trigger) => ({ trigger })) }) as unknown as WarningRecord;
  const all = [zone('Z-1', 'U-1'), zone('Z-2', 'U-1'), zone('Z-3', 'U-2'), zone('Z-4', 'U-3')];
  const drawn = new Set(['Z-1', 'Z-2', 'Z-3']);

  it('where it was seen, else at its unit, else nowhere', () => {
    const value = { observed: 'value' };
    const sos = { observed: 'sos', person: { zone: 'Z-2' } };
    const pins = pinned([warning('a', 'U-1', value), warning('b', 'U-1', value, sos), warning('c', 'U-2', { observed: 'crowd', zone: 'Z-4' }), warning('d', 'U-3', value)], all, drawn);
    expect([...pins].map(([id, list]) => [id, list.map((one) => one.id)])).toEqual([['Z-1', ['a']], ['Z-2', ['b']], ['Z-3', ['c']]]);
  });

  it.each([
    [{ observed: 'gathering', zone: 'Z-1' }, 'Z-1'], [{ observed: 'person', person: { zone: 'Z-2' } }, 'Z-2'], [{ observed: 'staffing', zone: 'Z-3' }, 'Z-3'], [{ observed: 'value' }, null], [{ observed: 'sight' }, null],
  ])('%o', (trigger, at) => expect(zoneOf(trigger as Trigger)).toBe(at));
});
