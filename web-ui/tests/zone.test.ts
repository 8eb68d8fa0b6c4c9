import { afterEach, describe, expect, it } from 'vitest';
import { clockTime, fromField, fullTime, isoDate, isoTime, toField } from '../src/lib/time.ts';
import { timeTicks } from '../src/lib/trend/plot.ts';
import { stamp } from '../src/lib/trend/save.ts';
import { zone } from '../src/lib/zone.svelte.ts';

const AT = '2026-11-23T18:30:05.250Z';
const MS = Date.parse(AT);
const browser = -new Date(MS).getTimezoneOffset();

afterEach(() => (zone.minutes = null));

describe('the local time of the site', () => {
  it.each([
    [480, '2026-11-24', '02:30:05', '+08:00'], [0, '2026-11-23', '18:30:05', '+00:00'], [-210, '2026-11-23', '15:00:05', '-03:30'], [345, '2026-11-24', '00:15:05', '+05:45'],
  ])('is told wherever the browser is: %s minutes', (minutes, date, clock, offset) => {
    zone.minutes = minutes;
    expect([isoDate(MS), clockTime(AT), fullTime(AT)]).toEqual([date, clock, `${date} ${clock}.250`]);
    expect([isoTime(MS), toField(MS), zone.name(MS)]).toEqual([`${date}T${clock}.250${offset}`, `${date}T${clock}`, `UTC${offset}`]);
    expect(stamp(MS)).toBe(`${date}T${clock}`.replace(/[-:]/g, ''));
    expect(Date.parse(isoTime(MS))).toBe(MS);
    expect(fromField(toField(MS))).toBe(MS - 250);
    expect(fromField(date)).toBe(Date.parse(`${date}T00:00:00${offset}`));
    expect(timeTicks([MS], 0)).toEqual([`${clock.slice(0, 5)}\n${date.slice(5)}`]);
    expect(zone.asBrowser(MS).getHours()).toBe(Number(clock.slice(0, 2)));
    expect(zone.differs(MS)).toBe(minutes !== browser);
  });

  it('changes the day at its own midnight', () => {
    zone.minutes = 480;
    expect(clockTime('2026-11-23T15:59:00Z', Date.parse('2026-11-23T16:01:00Z'))).toBe('11-23 23:59:00');
  });

  it('is that of the browser until the gateway has said it', () => {
    expect(zone.differs(MS)).toBe(false);
    expect(new Date(fromField('2026-11-23T14:03')).getHours()).toBe(14);
    expect(Number.isNaN(fromField(''))).toBe(true);
  });
});
