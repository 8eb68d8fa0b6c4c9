/** The alarm box on the page: what a person wants of its outputs in a test, and what there is to tell of it. */

import type { PanelHealth, PanelOutput } from './types.ts';

/** What a person wants of an output during a test. */
export type Wish = 'keep' | 'on' | 'off';

/** The outputs that are set, as the gateway takes them. */
export const wished = (wishes: Readonly<Record<string, Wish>>): Record<string, boolean> =>
  Object.fromEntries(Object.entries(wishes).filter(([, wish]) => wish !== 'keep').map(([name, wish]) => [name, wish === 'on']));

/** Every output of a role on, and the others as they are. */
export const allOn = (outputs: readonly PanelOutput[], role: PanelOutput['role']): Record<string, Wish> =>
  Object.fromEntries(outputs.map((output) => [output.name, output.role === role ? 'on' : 'keep'] as const));

/** Milliseconds until everything is normal again; 0 while nothing is tested. */
export const testLeft = (panel: PanelHealth, now: number): number => (panel.test ? Math.max(0, Date.parse(panel.test.ends_at) - now) : 0);

/** Whether there is anything to tell of it wherever one is. A page that has just been opened may not have heard of its box yet. */
export const isTold = (panel: PanelHealth): boolean => panel.kind !== '' && (panel.troubles.length > 0 || panel.test !== null || !panel.alive);
