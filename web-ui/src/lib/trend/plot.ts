/** The settings of the chart: axes, lines and times in the words of the page. */

import uPlot from 'uplot';
import { exact } from '../format.ts';
import { parts } from '../time.ts';
import { zone } from '../zone.svelte.ts';
import { DASHES, type Palette } from './colours.ts';
import { drawBehind, drawOver, type Picture } from './draw.ts';
import type { Plan } from './scales.ts';
import { MINUTE } from './window.ts';

export interface Asked {
  width: number;
  height: number;
  plan: Plan;
  tags: readonly string[];
  picture: () => Picture;
  /** The window that is shown, and the least range of an axis: it takes the limits in. */
  bounds: () => [number, number];
  reach: (key: string) => readonly number[];
  palette: Palette;
  /** What the axis is called that stands for several units. */
  shareWords: string;
  onCursor: (at: number | null) => void;
  onZoom: (from: number, until: number) => void;
}

export function options(asked: Asked): uPlot.Options {
  const { plan, tags, palette } = asked;
  const font = `${palette.size}px ${palette.font}`;
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const held = stepped ? { paths: stepped } : {};
  const grid = { stroke: palette.grid, width: 1 };
  return {
    width: asked.width,
    height: asked.height,
    ms: 1,
    tzDate: (at) => zone.asBrowser(at),
    legend: { show: false },
    padding: [6, plan.scales.length > 1 ? 0 : 14, 0, 0],
    cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 }, focus: { prox: -1 } },
    scales: {
      x: { time: true, range: () => asked.bounds() },
      ...Object.fromEntries(plan.scales.map(({ key }) => [key, { range: (_: uPlot, low: number | null, high: number | null) => wide(low, high, asked.reach(key)) }])),
    },
    axes: [
      { stroke: palette.dim, font, grid, ticks: grid, space: palette.size * 6.5, size: palette.size * 4.4, values: (u, splits) => timeTicks(splits, u.scales.x?.min ?? -Infinity) },
      ...plan.scales.map(({ key, label, shared }): uPlot.Axis => ({
        scale: key, side: key === 'left' ? 3 : 1, stroke: palette.dim, font, ticks: grid, grid: key === 'left' ? grid : { show: false }, size: (_, values) => axisSize(values, palette),
        label: shared ? asked.shareWords : label === '' ? '1' : label, labelFont: `600 ${font}`, labelSize: palette.size * 1.7, values: (_, splits) => splits.map(exact),
      })),
    ],
    series: [
      {},
      ...tags.map((tag, at): uPlot.Series => ({
        scale: plan.of.get(tag)?.key ?? 'left', stroke: palette.lines[at] ?? palette.text, width: 1.8, dash: [...(DASHES[at] ?? [])], points: { show: false }, ...held,
      })),
    ],
    hooks: {
      drawClear: [(u) => drawBehind(u, asked.picture())],
      draw: [(u) => drawOver(u, asked.picture())],
      setCursor: [(u) => asked.onCursor(u.cursor.left === undefined || u.cursor.left < 0 ? null : u.posToVal(u.cursor.left, 'x'))],
      setSelect: [(u) => {
        const { left, width } = u.select;
        if (width < 4) return;
        asked.onZoom(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
  };
}

/** Takes in what must be seen, with some air above and below. */
function wide(low: number | null, high: number | null, reach: readonly number[]): [number, number] {
  const known = [low, high, ...reach].filter((one): one is number => one !== null && Number.isFinite(one));
  const [least, most] = known.length === 0 ? [0, 1] : [Math.min(...known), Math.max(...known)];
  const air = most > least ? (most - least) * 0.07 : Math.max(1, Math.abs(most) * 0.05);
  return [least - air, most + air];
}

const axisSize = (values: readonly string[] | null, palette: Palette): number => 14 + Math.max(3, ...(values ?? []).map((value) => String(value).length)) * palette.size * 0.62;

/** The clock, with the date below the first that is shown and wherever the day changes. */
export function timeTicks(splits: readonly number[], from: number): string[] {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  let day = '';
  return splits.map((split) => {
    const { day: today, clock } = parts(split);
    const below = today === day || split < from ? '' : `\n${today}`;
    if (split >= from) day = today;
    return `${step > 0 && step < MINUTE ? clock : clock.slice(0, 5)}${below}`;
  });
}
