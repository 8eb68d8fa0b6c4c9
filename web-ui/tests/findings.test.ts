import { describe, expect, it } from 'vitest';
import mistakes from '../../edge/config/tests/mistakes.txt?raw';
import { CHINESE, SENTENCES } from '../src/lib/findings/chinese.ts';

const rust = Object.values(import.meta.glob<string>(['../../edge/config/src/**/*.rs'], { query: '?raw', import: 'default', eager: true })).join('\n');
/** Every text of the check, a hole for whatever is put in. */
const literals = new Set([...rust.replace(/\\\n\s*/g, '').matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map(([, text = '']) => holes(text)));

function holes(text: string): string {
  return text.replace(/\\"/g, '"').replaceAll('{{', '\u0001').replaceAll('}}', '\u0002').replace(/\{[^{}]*\}/g, '{}').replaceAll('\u0001', '{').replaceAll('\u0002', '}');
}

/** What an engineer is told, as the tests of the check have it. */
const told = [...new Set([...mistakes.matchAll(/^ {4}(?:warning: )?\S+:\d+:\d+: (.+)$/gm)].map(([, message = '']) => message))];

/** A sentence may say of an example only that there is one. */
const isCut = (literal: string, english: string) => english.endsWith('{}') && english.length > 40 && literal.includes(english.slice(0, -2));

describe('findings in Chinese', () => {
  it('are of sentences that the check says', () => {
    expect(literals.size).toBeGreaterThan(500);
    const isSaid = (english: string) => literals.has(english) || [...literals].some((literal) => literal.endsWith(`: ${english}`) || isCut(literal, english));
    expect(SENTENCES.map(([english]) => english).filter((english) => !isSaid(english))).toEqual([]);
  });

  it('put in what the sentence has, and nothing else', () => {
    for (const [english, chinese] of SENTENCES) {
      const count = english.split('{}').length - 1;
      const used = [...chinese.matchAll(/\{(\d)\}/g)].map(([, at]) => Number(at));
      expect([...new Set(used)].sort(), english).toEqual(Array.from({ length: count }, (_, at) => at + 1));
      expect(chinese, english).toMatch(/\p{Script=Han}/u);
    }
  });

  it.each([
    ['H: "x" is not a number; write digits with a decimal point, such as 12.5', 'H：“x” 不是数；请写数字，小数点用英文句点，如 12.5'],
    ['"TT-1102" belongs to no risk unit; fill in measure (管控措施) or unit (风险分析单元)', '“TT-1102” 不属于任何风险分析单元；请填写管控措施或风险分析单元'],
    ['source: "dsc" is not a source of gateway.toml; did you mean dcs?', 'source：“dsc” 不是 gateway.toml 中的数据源；是否应为 dcs？'],
    ['unit: "U9" is not a risk unit of risk/units.csv; correct it or add it there', 'unit：“U9” 不是 risk/units.csv 中的风险分析单元；请更正，或在那里添加'],
    ['something that nobody has foreseen', null],
  ])('%s', (message, chinese) => {
    expect(CHINESE.say(message)?.replace(/"([^"]*)"/g, '“$1”') ?? null).toBe(chinese);
  });

  it('are nearly all of what an engineer is told', () => {
    expect(told.length).toBeGreaterThan(500);
    const left = told.filter((message) => CHINESE.say(message) === null);
    expect(left.length, `in English still:\n${left.join('\n')}`).toBeLessThan(10);
  });
});
