import { expect, test } from 'vitest';
import { standing } from '../src/lib/updates.ts';
import type { UpdateState } from '../src/lib/types.ts';

const calm: UpdateState = { version: '0.1.0', target: 'aarch64-unknown-linux-gnu', keys: ['RW'], active: null, previous: null, trial: null, last: null, step: null, received: null };
const received = { bytes: 1, version: '0.2.0', notes_zh: '', notes_en: '', key: 'RW', refused: null, detail: '' };
const last = { version: '0.2.0', at: '2026-11-23T08:00:00.000Z', confirmed: true, words: 'it alarms' };

test('what is under way is said before what waits, and what waits before what is over', () => {
  const all = { ...calm, step: 'backing_up' as const, trial: '0.2.0', received, last };
  expect(standing(calm)).toBe('calm');
  expect(standing(all)).toBe('installing');
  expect(standing({ ...all, step: null })).toBe('trial');
  expect(standing({ ...all, step: null, trial: null })).toBe('offered');
  expect(standing({ ...calm, received: { ...received, refused: 'changed' }, last })).toBe('refused');
  expect(standing({ ...calm, last })).toBe('confirmed');
  expect(standing({ ...calm, last: { ...last, confirmed: false } })).toBe('rolled_back');
});
