import { expect, test } from 'vitest';
import { CHANGES_MAX, latest } from '../src/lib/latest.ts';

/** A page that reads when it is told to. */
function page() {
  const read: string[] = [];
  const called: (() => void)[] = [];
  const newest = latest<string>((name, text) => read.push(`${name} ${text}`), (work) => called.push(work));
  return { read, newest, called, turn: () => called.shift()?.() };
}

test('what is replaced before it is read is never read, and nothing waits behind what comes more often', () => {
  const { read, newest, called, turn } = page();
  newest.put('alarms', '1', 'whole');
  newest.put('beat', '1', 'whole');
  newest.put('alarms', '2', 'whole');
  expect(called).toHaveLength(1);
  turn();
  expect(read).toEqual(['alarms 2']);
  newest.put('alarms', '3', 'whole');
  turn();
  turn();
  expect(read).toEqual(['alarms 2', 'beat 1', 'alarms 3']);
  expect(called).toHaveLength(0);
});

test('however much comes, no more waits than there are names, and the last of each is read', () => {
  const { read, newest, called, turn } = page();
  for (let n = 0; n < 1_000; n += 1) {
    newest.put(`s${n % 7}`, String(n), 'whole');
    if (n % 50 === 0) turn();
  }
  expect(called).toHaveLength(1);
  while (called.length > 0) turn();
  const last = new Map(read.map((entry) => entry.split(' ') as [string, string]));
  expect([...last.values()].map(Number).sort((one, other) => one - other)).toEqual([993, 994, 995, 996, 997, 998, 999]);
  expect(read.length).toBeLessThan(40);
});

test('what was of a stream that is over is not read', () => {
  const { read, newest, turn } = page();
  newest.put('alarms', 'old', 'whole');
  newest.forget();
  turn();
  newest.put('alarms', 'new', 'whole');
  turn();
  expect(read).toEqual(['alarms new']);
});

test('one that fails to be read does not keep the others from it', () => {
  const read: string[] = [];
  const called: (() => void)[] = [];
  const newest = latest<string>((name) => {
    if (name === 'a') throw new Error('not that one');
    read.push(name);
  }, (work) => called.push(work));
  newest.put('a', '', 'whole');
  newest.put('b', '', 'whole');
  expect(() => called.shift()?.()).toThrow('not that one');
  called.shift()?.();
  expect(read).toEqual(['b']);
});

test('changes are all read, in their order and in one go, until too many wait', () => {
  const { read, newest, turn } = page();
  newest.put('alarms', '1', 'change');
  newest.put('beat', '1', 'whole');
  newest.put('alarms', '2', 'change');
  turn();
  expect(read).toEqual(['alarms 1', 'alarms 2']);
  const taken = Array.from({ length: CHANGES_MAX + 1 }, (_, n) => newest.put('alarms', String(n), 'change'));
  expect([taken.filter(Boolean).length, taken.at(-1)]).toEqual([CHANGES_MAX, false]);
});
