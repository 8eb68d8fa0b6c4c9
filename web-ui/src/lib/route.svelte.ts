/** Which tab is shown: the part of the address after `#/`. */

export const TABS = ['overview', 'alarms', 'tasks', 'values', 'sources', 'people', 'indicators', 'rules'] as const;
export type Tab = (typeof TABS)[number];

let tab = $state<Tab>(fromAddress());
addEventListener('hashchange', () => (tab = fromAddress()));

export const route = {
  get tab(): Tab {
    return tab;
  },
};

export const address = (to: Tab): string => `#/${to}`;

function fromAddress(): Tab {
  const name = location.hash.replace(/^#\//, '');
  return TABS.find((known) => known === name) ?? 'overview';
}
