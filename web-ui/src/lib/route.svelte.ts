/** Which tab is shown and what it is asked for: `#/trends?tag=LI-1101&span=1h` in the address. */

export const TABS = ['overview', 'alarms', 'tasks', 'values', 'trends', 'sources', 'people', 'indicators', 'rules', 'commissioning', 'journal', 'system'] as const;
export type Tab = (typeof TABS)[number];

/** What a tab is asked for, name by name; a name may stand more than once. */
export type Query = readonly (readonly [string, string])[];

interface Place {
  tab: Tab;
  query: URLSearchParams;
}

let place = $state.raw<Place>(fromAddress());
addEventListener('hashchange', () => (place = fromAddress()));

export const route = {
  get tab(): Tab {
    return place.tab;
  },
  get query(): URLSearchParams {
    return place.query;
  },
};

export function address(to: Tab, query: Query = []): string {
  const asked = new URLSearchParams(query.map(([name, value]) => [name, value])).toString();
  return asked === '' ? `#/${to}` : `#/${to}?${asked}`;
}

/** Writes what is shown into the address, so that it can be kept and sent on, without a step in the browser's history. */
export function keep(to: Tab, query: Query): void {
  const next = address(to, query);
  if (next !== location.hash) history.replaceState(history.state, '', next);
}

function fromAddress(): Place {
  const [name = '', query = ''] = location.hash.replace(/^#\//, '').split('?', 2);
  return { tab: TABS.find((known) => known === name) ?? 'overview', query: new URLSearchParams(query) };
}
