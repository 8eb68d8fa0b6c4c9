import { describe, expect, it } from 'vitest';
import { csv } from '../src/lib/trend/csv.ts';
import { isoTime } from '../src/lib/time.ts';
import { alarmSpans, gapReason, limitsOf } from '../src/lib/trend/marks.ts';
import { timeTicks } from '../src/lib/trend/plot.ts';
import { drawn, plan, type Meta } from '../src/lib/trend/scales.ts';
import { columns, doubtful, extent, followed, gapAt, NOTHING, pointAt, read } from '../src/lib/trend/series.ts';
import { tagsSeen } from '../src/lib/trend/subjects.ts';
import { around, bounds, fromQuery, panned, SPANS, standing, tagsOf, toQuery, USUAL, zoomed } from '../src/lib/trend/window.ts';
import type { AlarmRecord, GapRecord, JournalEntry, RuleView, TagHistory, TagView, Trigger } from '../src/lib/types.ts';

const T0 = Date.UTC(2026, 10, 23, 6);
const said = (seconds: number) => isoTime(T0 + seconds * 1000);
const time = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();
const value = (seconds: number, amount: number | null, quality = 0) => ({ time: time(seconds), received_time: time(seconds), value: amount, quality, origin: 'source' as const });
const history = (more: Partial<TagHistory>): TagHistory => ({ tag: 'A', from: time(0), until: time(100), count: 0, before: null, values: [], steps: [], step_ms: null, gaps: [], ...more });
const BAD = 0x80000000;

describe('a series', () => {
  const series = read(history({ before: value(-5, 1), values: [value(10, 2), value(20, null, BAD), value(30, 4)], gaps: [{ from: time(40), until: time(60), why: 'not_heard' }, { from: time(90), until: null, why: 'not_recorded' }] }));

  it('holds each value until the next', () => {
    const at = (seconds: number) => pointAt(series, T0 + seconds * 1000)?.value;
    expect([at(-9), at(0), at(10), at(29), at(35)]).toEqual([undefined, 1, 2, null, 4]);
  });

  it('knows where nothing is known', () => {
    const why = (seconds: number) => gapAt(series, T0 + seconds * 1000)?.why;
    expect([why(39), why(40), why(59), why(60), why(1e6)]).toEqual([undefined, 'not_heard', 'not_heard', undefined, 'not_recorded']);
  });

  it('breaks the line in a gap and at a value that is no number, and holds the last until the end', () => {
    const known = { ...series, gaps: series.gaps.slice(0, 1) };
    const [xs, column] = columns([known, read(history({ tag: 'B', values: [value(45, 7), value(50, 8)] }))], T0 + 80_000);
    const said = Object.fromEntries(xs.map((at, index) => [(at - T0) / 1000, column?.[index]]));
    expect(said).toEqual({ '-5': 1, 10: 2, 20: null, 30: 4, 40: null, 45: null, 50: null, 60: undefined, 80: 4 });
  });

  it('shades what may not be believed, joined where it goes on', () => {
    const odd = read(history({ values: [value(0, 1, BAD), value(5, 2, BAD), value(9, 3), value(12, 3, 0x40000000)] }));
    const said = doubtful(odd, T0 + 20_000).map(({ from, until, severity }) => [(from - T0) / 1000, (until - T0) / 1000, severity]);
    expect(said).toEqual([[0, 9, 'bad'], [12, 20, 'uncertain']]);
  });

  it('of steps has the least and the greatest', () => {
    const steps = read(history({ step_ms: 10_000, steps: [{ from: time(0), first: 3, last: 5, min: 1, max: 9, count: 4, bad: 0, gap: false }, { from: time(10), first: null, last: null, min: null, max: null, count: 0, bad: 0, gap: true }, { from: time(20), first: 4, last: 4, min: 4, max: 4, count: 1, bad: 1, gap: false }] }));
    expect(extent(steps)).toEqual([1, 9]);
    expect(doubtful(steps, T0 + 90_000)).toEqual([{ from: T0 + 20_000, until: T0 + 30_000, severity: 'bad' }]);
    expect(extent(NOTHING('A'))).toBeNull();
  });

  it('goes on with what is heard, and not with what is older', () => {
    const tag = (seconds: number) => ({ tag: 'A', value: 9, quality: 0, severity: 'good', source_time: time(seconds), received_time: time(seconds) }) as TagView;
    expect(followed(series, tag(30))).toBe(series);
    const next = followed(series, tag(95));
    expect([next.points.at(-1)?.value, gapAt(next, T0 + 96_000)]).toEqual([9, null]);
  });
});

describe('the window', () => {
  const now = T0;
  const fixed = { live: false, from: T0 - 100_000, until: T0 - 60_000 } as const;

  it('follows the present or stands', () => {
    expect([bounds(USUAL, now), bounds(fixed, now)]).toEqual([[T0 - 3_600_000, T0], [T0 - 100_000, T0 - 60_000]]);
  });

  it('is zoomed around a moment, which stays where it is, and never into the future', () => {
    expect(zoomed(fixed, now, 0.5, T0 - 90_000)).toEqual({ live: false, from: T0 - 95_000, until: T0 - 75_000 });
    expect(bounds(zoomed(USUAL, now, 4, now - 1_800_000), now)[1]).toBe(now);
    expect(zoomed({ live: false, from: now - 300_000, until: now + 300_000 }, now, 0.5, now + 250_000)).toEqual({ live: false, from: now - 150_000, until: now });
    const [from, until] = bounds(zoomed(fixed, now, 1e-9, T0 - 80_000), now);
    expect(until - from).toBe(1_000);
  });

  it('is moved, but not beyond the present', () => {
    expect(panned(fixed, now, -0.5)).toEqual({ live: false, from: T0 - 120_000, until: T0 - 80_000 });
    expect(bounds(panned(fixed, now, 9), now)).toEqual([T0 - 40_000, T0]);
    expect(standing(T0 + 5, T0 + 9, now)).toEqual({ live: false, from: T0 - 1_000, until: T0 });
  });

  it.each([...Object.values(SPANS).map((ms) => ({ live: true as const, ms })), fixed])('goes through the address: %o', (window) => {
    expect(fromQuery(new URLSearchParams(toQuery(window).map(([name, text]) => [name, text])))).toEqual(window);
  });

  it('of a senseless address is the usual one', () => {
    for (const text of ['', 'span=9x', 'from=x&until=y', `from=${time(9)}&until=${time(1)}`]) expect(fromQuery(new URLSearchParams(text))).toEqual(USUAL);
  });

  it('lies around a moment, and shows no more tags than can be told apart', () => {
    expect(around(time(0))).toEqual([['from', time(-300)], ['until', time(300)]]);
    expect(tagsOf(new URLSearchParams('tag=A&tag=B&tag=A&tag=1&tag=2&tag=3&tag=4&tag=5&tag=6&tag=7'))).toEqual(['A', 'B', '1', '2', '3', '4', '5', '6']);
  });
});

describe('the axes', () => {
  const meta = (tag: string, engineering_unit: string, range: [number, number] | null = null): Meta => ({ tag, engineering_unit, range, name: '', source: '' });

  it('are one for each of two units', () => {
    const two = plan([meta('A', '%'), meta('B', 'ppm'), meta('C', '%')], []);
    expect([two.scales.map(({ label }) => label), ['A', 'B', 'C'].map((tag) => two.of.get(tag)?.key), drawn(two, 'B', 5)]).toEqual([['%', 'ppm'], ['left', 'right', 'left'], 5]);
  });

  it('of three units share the right one as parts of their ranges', () => {
    const three = plan([meta('A', '%'), meta('B', 'ppm', [0, 200]), meta('C', '℃')], [NOTHING('A'), NOTHING('B'), read(history({ values: [value(0, 20), value(1, 60)] }))]);
    expect(three.scales.map(({ shared }) => shared)).toEqual([false, true]);
    expect([drawn(three, 'A', 7), drawn(three, 'B', 50), drawn(three, 'C', 30)]).toEqual([7, 25, 25]);
  });

  it('show the day once, and seconds where they count', () => {
    const at = (text: string) => new Date(text).getTime();
    const ticks = ['2026-11-23T23:50:00', '2026-11-23T23:55:00', '2026-11-24T00:00:00'].map(at);
    expect(timeTicks(ticks, ticks[0] ?? 0)).toEqual(['23:50\n11-23', '23:55', '00:00\n11-24']);
    expect(timeTicks(ticks, ticks[1] ?? 0)).toEqual(['23:50', '23:55\n11-23', '00:00\n11-24']);
    expect(timeTicks([at('2026-11-23T12:00:00'), at('2026-11-23T12:00:05')], 0)).toEqual(['12:00:00\n11-23', '12:00:05']);
  });
});

const rule = (id: string, rule_kind: string, parameters: RuleView['parameters'], tags = ['A']) => ({ rule: id, rule_kind, tags, parameters, priority: 'high' }) as RuleView;

describe('what is held against values', () => {
  it('is every limit of the rules of the tag alone, the greatest first', () => {
    const rules = [
      rule('A.L', 'limit_l', [{ name: 'limit', value: 10 }, { name: 'clear', value: 12 }]), rule('A.HH', 'limit_hh', [{ name: 'limit', value: 90 }, { name: 'clear', value: 88 }]), rule('A.quality', 'bad_quality', []),
      rule('A.range', 'out_of_range', [{ name: 'low', value: -1 }, { name: 'high', value: 101 }]), rule('B.H', 'limit_h', [{ name: 'limit', value: 5 }], ['B']), rule('AB', 'deviation', [{ name: 'limit', value: 5 }], ['A', 'B']),
    ];
    expect(limitsOf(rules, 'A').map(({ rule: id, value: at, high }) => [id, at, high])).toEqual([['A.range', 101, true], ['A.HH', 90, true], ['A.L', 10, false], ['A.range', -1, false]]);
  });

  const alarm = (id: string, raised: number, returned: number | null, more: Partial<AlarmRecord> = {}) => ({
    id, rule: 'A.H', name: id, priority: 'high', state: returned === null ? 'unacknowledged' : 'returned_unacknowledged', latest_raised_at: time(raised), returned_at: returned === null ? null : time(returned), trigger: { observed: 'sos' }, ...more,
  }) as AlarmRecord;

  it('is every alarm from its begin to its end, each time anew', () => {
    const records = [alarm('1', 0, null), alarm('1', 0, 5), alarm('1', 9, 5), alarm('2', 3, null, { rule: 'gone', trigger: { observed: 'value', tag: 'A' } as Trigger }), alarm('3', 3, null, { rule: 'other' })];
    const said = alarmSpans(records, [rule('A.H', 'limit_h', [])], ['A']).map(({ alarm: id, from, until }) => [id, (from - T0) / 1000, (until - T0) / 1000]);
    expect(said).toEqual([['1', 0, 5], ['2', 3, Infinity], ['1', 9, Infinity]]);
  });

  it('is why a source gave nothing', () => {
    const gap = (source: string, from: number, until: number) => ({ record: { source, from: time(from), until: time(until), reason: source } }) as JournalEntry<GapRecord>;
    expect([gapReason([gap('gds', 0, 9), gap('dcs', 0, 9)], 'dcs', T0 + 5_000)?.reason, gapReason([gap('dcs', 0, 9)], 'dcs', T0 + 10_000)]).toEqual(['dcs', null]);
  });

  it('is found by the tags that an observation was made of', () => {
    const seen = [{ observed: 'pair', first: { tag: 'A' }, second: { tag: 'B' } }, { observed: 'value', tag: 'A' }, { observed: 'compound', parts: [{ part: 'zone' }, { part: 'tag', tag: 'C' }] }, { observed: 'sos' }, { observed: 'ticket', detector: null }] as Trigger[];
    expect(tagsSeen(seen)).toEqual(['A', 'B', 'C']);
  });
});

it('a saved table has every value and gap, and no text that a spreadsheet would run', () => {
  const series = read(history({ values: [value(1, 2.5), value(8, null, BAD)], gaps: [{ from: time(4), until: null, why: 'not_heard' }] }));
  const text = csv([{ tag: 'A', name: '=HYPERLINK("x")', engineering_unit: '%', range: null, source: '' }], [series], T0, T0 + 9_000);
  const [head, ...rows] = text.trimEnd().split('\r\n');
  expect(head?.startsWith('\ufefftag,name,engineering_unit,time,received_time,value')).toBe(true);
  expect(rows).toEqual([
    `A,"'=HYPERLINK(""x"")",%,${said(1)},${said(1)},2.5,,,1,0,0,Good,source,,`,
    `A,"'=HYPERLINK(""x"")",%,${said(4)},,,,,,,,,,,not_heard`,
    `A,"'=HYPERLINK(""x"")",%,${said(8)},${said(8)},,,,1,1,${BAD},Bad,source,,`,
  ]);
});
