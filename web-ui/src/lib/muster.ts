/** Who is to be counted after an evacuation, and where they were last: nobody of the roster is ever missing from it. Pure. */

import type { PersonView, RosterRow, ZoneView } from './types.ts';

export interface Counted {
  id: string;
  name: string;
  post: string | null;
  firm: string | null;
  /** What their card says; null for whom no card was ever heard of. */
  seen: PersonView | null;
}

export interface Group {
  /** A zone; `outside` of all of them; `unknown`, last seen there; `never` heard of. */
  key: string;
  kind: 'zone' | 'outside' | 'unknown' | 'never';
  name: string;
  people: Counted[];
}

/** In the order in which they are looked for: zones with the most people first, then whose place is unknown, then the others. */
export function muster(roster: readonly RosterRow[], people: readonly PersonView[], zones: readonly ZoneView[]): Group[] {
  const groups = new Map<string, Group>();
  const put = (key: string, kind: Group['kind'], name: string, person: Counted) => {
    const group = groups.get(key) ?? { key, kind, name, people: [] };
    group.people.push(person);
    groups.set(key, group);
  };
  const names = new Map(zones.map((zone) => [zone.zone, zone.name]));
  for (const seen of people) {
    const person: Counted = { id: seen.id, name: seen.name, post: seen.post, firm: seen.contractor ?? seen.department, seen };
    const zone = seen.zone === null ? undefined : names.get(seen.zone);
    if (seen.place_unknown) put('unknown', 'unknown', '', person);
    else if (zone === undefined) put('outside', 'outside', '', person);
    else put(seen.zone ?? '', 'zone', zone, person);
  }
  const heard = new Set(people.map((person) => person.id));
  for (const { id, name, post, department, contractor } of roster) {
    if (!heard.has(id)) put('never', 'never', '', { id, name, post, firm: contractor ?? department, seen: null });
  }
  const rank = { zone: 0, unknown: 1, outside: 2, never: 3 };
  const sorted = [...groups.values()].sort((one, other) => rank[one.kind] - rank[other.kind] || other.people.length - one.people.length || one.name.localeCompare(other.name));
  for (const group of sorted) group.people.sort((one, other) => Number(other.seen?.sos ?? false) - Number(one.seen?.sos ?? false) || one.name.localeCompare(other.name, 'zh'));
  return sorted;
}

export const LOW_PERCENT = 20;
export const isLow = (person: PersonView): boolean => person.battery_percent !== null && person.battery_percent < LOW_PERCENT;
