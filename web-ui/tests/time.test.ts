import { describe, expect, it } from 'vitest';
import { clockTime, countdown, duration, fullTime, since, span, steer } from '../src/lib/time.ts';

const local = (text: string) => new Date(text).toISOString();

describe('times', () => {
  it('show the clock, and the date when it is another day', () => {
    const now = new Date('2026-11-23T15:00:00').getTime();
    expect(clockTime(local('2026-11-23T14:03:22'), now)).toBe('14:03:22');
    expect(clockTime(local('2026-11-22T14:03:22'), now)).toBe('11-22 14:03:22');
    expect([clockTime(null), clockTime('nonsense'), fullTime(undefined)]).toEqual(['—', '—', '—']);
    expect(fullTime(local('2026-11-23T14:03:22.123'))).toBe('2026-11-23 14:03:22.123');
  });

  it('since is null without a time', () => {
    expect([since(null, 5), since('1970-01-01T00:00:01Z', 3_000)]).toEqual([null, 2_000]);
  });
});

describe('durations', () => {
  it.each([
    [-5, '0 秒', '0 s'], [3_400, '3 秒', '3 s'], [125_000, '2 分 05 秒', '2 min 05 s'], [3_840_000, '1 小时 04 分', '1 h 04 min'], [266_400_000, '3 天 2 小时', '3 d 2 h'],
  ])('%s ms', (ms, zh, en) => {
    expect([duration(ms, 'zh'), duration(ms, 'en')]).toEqual([zh, en]);
  });

  it.each([
    [0, '0 秒', '0 s'], [250, '250 毫秒', '250 ms'], [1_500, '1.5 秒', '1.5 s'], [90_000, '1 分钟 30 秒', '1 min 30 s'], [900_000, '15 分钟', '15 min'], [5_400_000, '1 小时 30 分钟', '1 h 30 min'], [28_800_000, '8 小时', '8 h'], [86_400_000, '1 天', '1 d'],
  ])('%s ms that were chosen', (ms, zh, en) => {
    expect([span(ms, 'zh'), span(ms, 'en')]).toEqual([zh, en]);
  });

  it('run down to zero and stop', () => {
    expect([countdown(252_000), countdown(1), countdown(-9)]).toEqual(['04:12', '00:01', '00:00']);
  });
});

describe('the clock', () => {
  it('takes the first time as it is', () => {
    expect(steer(null, 10_000, 400)).toEqual({ offset: 9_600 });
  });

  it('smooths delays and follows steps', () => {
    expect(steer({ offset: 1_000 }, 2_080, 1_000).offset).toBe(1_010);
    expect(steer({ offset: 1_000 }, 60_000, 1_000).offset).toBe(59_000);
  });
});
