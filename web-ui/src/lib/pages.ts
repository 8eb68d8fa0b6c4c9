/** The pages by tab. What operators live on is there from the first moment; what engineers need comes when it is first asked for. */

import type { Component } from 'svelte';
import Alarms from '../pages/Alarms.svelte';
import Indicators from '../pages/Indicators.svelte';
import Journal from '../pages/Journal.svelte';
import Links from '../pages/Links.svelte';
import Overview from '../pages/Overview.svelte';
import People from '../pages/People.svelte';
import Rules from '../pages/Rules.svelte';
import Trends from '../pages/Trends.svelte';
import Values from '../pages/Values.svelte';
import Work from '../pages/Work.svelte';
import type { Tab } from './route.svelte.ts';

type Loads = () => Promise<{ default: Component }>;

const THERE: Partial<Record<Tab, Component>> = {
  overview: Overview, alarms: Alarms, tasks: Work, values: Values, trends: Trends, sources: Links, people: People, indicators: Indicators,
  rules: Rules, journal: Journal,
};

const LATER: Partial<Record<Tab, Loads>> = {
  commissioning: () => import('../pages/Commissioning.svelte'),
  system: () => import('../pages/System.svelte'),
};

const loaded = new Map<Tab, Component>();

/** The page, or that it is on its way. A page that could not be loaded is asked for again the next time. */
export function page(tab: Tab): Component | Promise<Component> {
  const there = THERE[tab] ?? loaded.get(tab);
  const load = LATER[tab];
  if (there || !load) return there ?? Overview;
  return load().then(({ default: component }) => {
    loaded.set(tab, component);
    return component;
  });
}
