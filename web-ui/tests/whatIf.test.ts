import { describe, expect, it } from 'vitest';
import { differing, together, type Change, type Run } from '../src/lib/whatIf.ts';

const change = (id: string, about: Partial<Change>): Change => ({ id, name: id, then: 0, now: 0, added: [], removed: [], moved: [], ended: [], ranked: [], then_ms: 0, now_ms: 0, ...about });
const rate = (alarms: number, share: number) => ({ alarms, warnings: 1, per_ten_minutes: share, peak_ten_minutes: alarms, flood_share: share });
const run = (from: string, to: string, alarms: Change[], now: Run['now']): Run => ({
  from: `2026-11-30T${from}:00.000Z`, to: `2026-11-30T${to}:00.000Z`, config_version: 'a', events: 1, lost_events: 0, commands_without_object: 0, journal: { same: true }, then: rate(1, 0), now, alarms, warnings: [],
});
const runs = [
  run('08:00', '09:00', [change('A', { then: 1, now: 2, added: ['x'] }), change('B', { then: 1, now: 1 })], rate(3, 0.4)),
  run('10:00', '13:00', [change('A', { then: 1, removed: ['y'] }), change('C', { now: 3, added: ['1', '2', '3'] })], rate(5, 0.8)),
];

describe('what a what-if has found', () => {
  it('is counted over all that was played, shares by its time', () => {
    const now = together(runs, 'now');
    expect([now.alarms, now.warnings, now.peak_ten_minutes]).toEqual([8, 2, 5]);
    expect(now.flood_share).toBeCloseTo(0.7);
    expect(together([], 'now')).toEqual({ alarms: 0, warnings: 0, per_ten_minutes: 0, peak_ten_minutes: 0, flood_share: 0 });
  });

  it('names what differs, the most first, each once', () => {
    const found = differing(runs, 'alarms');
    expect(found.map(({ id }) => id)).toEqual(['C', 'A']);
    expect(found[1]).toMatchObject({ then: 2, now: 2, added: ['x'], removed: ['y'] });
  });
});
