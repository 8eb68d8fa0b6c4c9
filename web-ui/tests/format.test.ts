import { describe, expect, it } from 'vitest';
import { count, exact, percent, qualityName, receiverCounts, severity, share, sparkline, steps, value } from '../src/lib/format.ts';

describe('values', () => {
  it.each([
    [null, null, '—'], [NaN, [0, 1], '—'], [9.2, [0, 16], '9.20'], [63.456, [0, 250], '63.5'], [0.5, [0, 1], '0.500'], [1234.56, [0, 5000], '1235'], [0, null, '0'], [1, null, '1'], [9.26, null, '9.3'],
  ] as const)('%s in %s is %s', (amount, range, text) => {
    expect(value(amount, range as [number, number] | null)).toBe(text);
  });

  it('a limit keeps its digits', () => {
    expect([exact(14.4), exact(0.1 + 0.2), exact(25), exact(Infinity)]).toEqual(['14.4', '0.3', '25', '—']);
  });

  it('large numbers are grouped', () => {
    expect([count(5), count(1_204_332)]).toEqual(['5', '1\u202f204\u202f332']);
  });

  it('a place in a range stays inside it', () => {
    expect([share(8, [0, 16]), share(20, [0, 16]), share(-1, [0, 16]), share(null, [0, 1]), share(1, [1, 1])]).toEqual([0.5, 1, 0, null, null]);
    expect(percent(0.3333)).toBe('33.3%');
  });
});

describe('qualities', () => {
  it('known codes have names, others show themselves', () => {
    expect([qualityName(0x80310000), qualityName(0x00000000), qualityName(0x80ab0000)]).toEqual(['BadNoCommunication', 'Good', 'Bad 0x80AB0000']);
    expect([severity(0), severity(0x40000000), severity(0x80000000), severity(0xc0000000)]).toEqual(['good', 'uncertain', 'bad', 'bad']);
  });
});

describe('guidance', () => {
  it('comes in steps where it is written in steps', () => {
    expect(steps('立即停止进料；确认切断阀关到位；启动倒罐流程。')).toEqual(['立即停止进料', '确认切断阀关到位', '启动倒罐流程']);
    expect(steps('Stop the feed; tell the shift leader.')).toEqual(['Stop the feed', 'tell the shift leader']);
  });

  it('is one step otherwise, and none when there is none', () => {
    expect([steps('现场确认。'), steps('')]).toEqual([['现场确认'], []]);
  });
});

describe('the receiver', () => {
  it('names every count by its path, in the order they came', () => {
    const counts = receiverCounts({ counts: { live: { alarm: 3, task: 1 }, backfill: { alarm: 2 } }, unreadable: 1, duplicates: 0, gaps: 0, latest: [] });
    expect(counts).toEqual([{ name: 'live · alarm', count: 3 }, { name: 'live · task', count: 1 }, { name: 'backfill · alarm', count: 2 }]);
  });

  it('has nothing when there is nothing', () => {
    expect(receiverCounts(undefined)).toEqual([]);
  });
});

describe('a curve', () => {
  it('needs two values and stays in its box', () => {
    expect(sparkline([4])).toBe('');
    expect(sparkline([0, 10])).toBe('0.00,23.00 100.00,1.00');
    expect(sparkline([0, 0, 0])).toBe('0.00,23.00 50.00,23.00 100.00,23.00');
  });
});
