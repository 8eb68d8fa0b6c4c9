/** Which tag is drawn over which axis: one for each engineering unit, two at the most; a third unit makes the right one per cent. Pure. */

import type { Series } from './series.ts';
import { extent } from './series.ts';

export interface Meta {
  tag: string;
  name: string;
  engineering_unit: string;
  range: readonly [number, number] | null;
  source: string;
}

export interface Scale {
  key: 'left' | 'right';
  /** The engineering unit; empty where several share the axis. */
  label: string;
  /** Values stand as a share of their ranges, 0 to 100. */
  shared: boolean;
}

export interface Plan {
  scales: Scale[];
  /** By tag. `range` is what 0 and 100 % stand for, where the tag is drawn as a share of it. */
  of: ReadonlyMap<string, { key: Scale['key']; range: readonly [number, number] | null }>;
}

export function plan(metas: readonly Meta[], series: readonly Series[]): Plan {
  const units = [...new Set(metas.map((meta) => meta.engineering_unit))];
  const shares = units.length > 2;
  const scales: Scale[] = units.slice(0, 2).map((unit, at) => ({ key: at === 0 ? 'left' : 'right', label: at === 1 && shares ? '' : unit, shared: at === 1 && shares }));
  const of: Plan['of'] = new Map(metas.map((meta, at) => {
    const key = units.indexOf(meta.engineering_unit) === 0 ? 'left' : 'right';
    return [meta.tag, { key, range: key === 'right' && shares ? (meta.range ?? wide(series[at])) : null }];
  }));
  return { scales, of };
}

function wide(series: Series | undefined): readonly [number, number] {
  const [low, high] = (series && extent(series)) ?? [0, 1];
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}

/** A value as it is drawn on the axis of its tag. */
export function drawn(plan: Plan, tag: string, value: number): number {
  const range = plan.of.get(tag)?.range;
  return range ? ((value - range[0]) / (range[1] - range[0])) * 100 : value;
}
