import { describe, expect, it } from 'vitest';
// @ts-expect-error the fixtures are plain JavaScript
import { panel } from '../dev/fixture/site.mjs';
import { allOn, isTold, testLeft, wished } from '../src/lib/board.ts';
import type { PanelHealth } from '../src/lib/types.ts';

const box = panel() as PanelHealth;
const test = { by: '李工', outputs: [{ name: 'horn', on: true }], ends_at: '2026-11-23T06:00:10.000Z' };

describe('the alarm box', () => {
  it('is asked only for what a person has chosen', () => {
    expect(wished({ horn: 'on', health: 'off', lamp_red: 'keep' })).toEqual({ horn: true, health: false });
    expect(wished(allOn(box.outputs, 'lamp'))).toEqual(Object.fromEntries(['red', 'amber', 'yellow', 'blue', 'green'].map((colour) => [`lamp_${colour}`, true])));
  });

  it('counts down to normal and not beyond', () => {
    const at = Date.UTC(2026, 10, 23, 6);
    expect([testLeft({ ...box, test }, at), testLeft({ ...box, test }, at + 11_000), testLeft(box, at)]).toEqual([10_000, 0, 0]);
  });

  it('is told everywhere when it is not in order, is tested or does not say that alarms are evaluated', () => {
    const told = [box, { ...box, troubles: ['horn: busy'] }, { ...box, test }, { ...box, alive: false }, { ...box, alive: false, kind: '' }];
    expect(told.map(isTold)).toEqual([false, true, true, true, false]);
  });
});
