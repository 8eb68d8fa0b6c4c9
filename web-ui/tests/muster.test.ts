import { describe, expect, it } from 'vitest';
import { isLow, muster } from '../src/lib/muster.ts';
import type { PersonView, RosterRow, ZoneView } from '../src/lib/types.ts';

const zone = (id: string): ZoneView => ({ zone: id, name: `Zone ${id}`, unit: null, people_count: 0 });
const row = (id: string): RosterRow => ({ id, name: `Name ${id}`, post: null, department: null, contractor: null });
const person = (id: string, at: string | null, more: Partial<PersonView> = {}) => ({ ...row(id), zone: at, sos: false, place_unknown: false, battery_percent: 80, received_time: '', ...more }) as PersonView;

describe('a muster list', () => {
  const people = [person('1', 'A'), person('2', 'B'), person('3', 'B', { sos: true, name: 'Z' }), person('4', null), person('5', 'A', { place_unknown: true }), person('6', 'gone')];

  it('has the fullest zone first, then whom nobody can place, then the others', () => {
    const groups = muster(['1', '2', '3', '4', '5', '6', '7'].map(row), people, [zone('A'), zone('B'), zone('C')]);
    expect(groups.map(({ key, kind, people: of }) => [key, kind, ...of.map(({ id }) => id)])).toEqual([
      ['B', 'zone', '3', '2'], ['A', 'zone', '1'], ['unknown', 'unknown', '5'], ['outside', 'outside', '4', '6'], ['never', 'never', '7'],
    ]);
  });

  it('loses nobody, of the roster or of the cards', () => {
    const roster = Array.from({ length: 200 }, (_, at) => row(`${at}`));
    const seen = Array.from({ length: 150 }, (_, at) => person(`${at + 100}`, ['A', 'B', null, 'gone'][at % 4] ?? null, { place_unknown: at % 7 === 0 }));
    const ids = muster(roster, seen, [zone('A'), zone('B')]).flatMap((group) => group.people.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, at) => at));
  });

  it('tells a card that will soon be silent', () => {
    expect([isLow(person('1', 'A', { battery_percent: 19 })), isLow(person('1', 'A', { battery_percent: 20 })), isLow(person('1', 'A', { battery_percent: null }))]).toEqual([true, false, false]);
  });
});
