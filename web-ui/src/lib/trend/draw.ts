/** What uPlot does not draw: bands of down-sampled values, doubtful stretches, gaps, limits and alarms. Canvas pixels throughout. */

import type uPlot from 'uplot';
import { aside, below, type Box } from './boxes.ts';
import type { Palette } from './colours.ts';
import type { AlarmSpan, LimitLine } from './marks.ts';
import { doubtful, type Series } from './series.ts';

/** What there is to draw, apart from the lines. */
export interface Picture {
  series: readonly Series[];
  /** Which series has its limits and its doubtful stretches drawn over the whole height. */
  chosen: number;
  /** The axis of a series, and a value of it as drawn there. */
  scaleOf: (at: number) => string;
  drawn: (at: number, value: number) => number;
  limits: readonly (LimitLine & { label: string })[];
  alarms: readonly (AlarmSpan & { label: string })[];
  /** Words drawn into a gap. */
  gapWords: string;
  end: number;
  palette: Palette;
}

const HATCH = 9;

/** Behind the lines. */
export function drawBehind(u: uPlot, picture: Picture): void {
  inside(u, () => {
    const { series, chosen, palette } = picture;
    const one = series[chosen];
    if (one) {
      for (const { from, until, severity } of doubtful(one, picture.end)) area(u, from, until, severity === 'bad' ? hatch(u, palette.bad, 'down') : hatch(u, palette.uncertain, 'dots'));
      for (const { from, until } of one.gaps) gap(u, from, Math.min(until, picture.end), picture);
    }
    series.forEach((each, at) => band(u, each, at, picture));
  });
}

/** Over the lines. */
export function drawOver(u: uPlot, picture: Picture): void {
  inside(u, () => {
    const taken = drawLimits(u, picture);
    drawAlarms(u, picture, taken);
  });
}

function inside(u: uPlot, paint: () => void): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint();
  ctx.restore();
}

const ratio = () => devicePixelRatio || 1;
const x = (u: uPlot, at: number) => u.valToPos(at, 'x', true);

function area(u: uPlot, from: number, until: number, fill: CanvasPattern | string): void {
  const [left, right] = [Math.max(u.bbox.left, x(u, from)), Math.min(u.bbox.left + u.bbox.width, x(u, until))];
  if (right < u.bbox.left || left > u.bbox.left + u.bbox.width) return;
  u.ctx.fillStyle = fill;
  u.ctx.fillRect(left, u.bbox.top, Math.max(ratio(), right - left), u.bbox.height);
}

function gap(u: uPlot, from: number, until: number, { palette, gapWords }: Picture): void {
  area(u, from, until, hatch(u, palette.hatch, 'cross'));
  const { ctx, bbox } = u;
  const [left, right] = [Math.max(bbox.left, x(u, from)), Math.min(bbox.left + bbox.width, x(u, until))];
  ctx.strokeStyle = palette.dim;
  ctx.lineWidth = ratio();
  ctx.setLineDash([]);
  // The edges of one that is hardly wider than they are would hide it.
  if (right - left > HATCH * ratio()) for (const edge of [x(u, from), x(u, until)]) line(ctx, edge, bbox.top, edge, bbox.top + bbox.height);
  label(u, gapWords, (left + right) / 2, bbox.top + bbox.height - palette.size * ratio() * 1.2, palette.text, palette, 'center', right - left);
}

function band(u: uPlot, series: Series, at: number, { scaleOf, drawn, palette }: Picture): void {
  if (series.step === null) return;
  const { ctx } = u;
  ctx.fillStyle = palette.lines[at] ?? palette.dim;
  ctx.globalAlpha = 0.22;
  for (const { at: from, min, max } of series.points) {
    if (min === null || max === null) continue;
    const [low, high] = [min, max].map((value) => u.valToPos(drawn(at, value), scaleOf(at), true)) as [number, number];
    ctx.fillRect(x(u, from), high, Math.max(1, x(u, from + series.step) - x(u, from)), Math.max(1, low - high));
  }
  ctx.globalAlpha = 1;
}

/** Gives where names stand, so that others keep off. */
function drawLimits(u: uPlot, { limits, chosen, scaleOf, drawn, palette }: Picture): Box[] {
  const { ctx, bbox } = u;
  const taken: Box[] = [];
  for (const limit of limits) {
    const y = u.valToPos(drawn(chosen, limit.value), scaleOf(chosen), true);
    if (!(bbox.top <= y && y <= bbox.top + bbox.height)) continue;
    const colour = palette.priority[limit.priority];
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.5 * ratio();
    ctx.setLineDash([10 * ratio(), 5 * ratio()]);
    line(ctx, bbox.left, y, bbox.left + bbox.width, y);
    // Above its line, or below it where it would stick out.
    const above = y - palette.size * ratio() * 0.75;
    const middle = above - palette.size * ratio() * 0.65 < bbox.top ? 2 * y - above : above;
    const box = { left: bbox.left + 6 * ratio(), width: widthOf(u, limit.label, palette), middle, height: palette.size * ratio() * 1.3 };
    // Names that would lie on each other stand side by side.
    const spot = aside(box, taken);
    if (label(u, limit.label, spot.left, middle, colour, palette, 'left', bbox.left + bbox.width - spot.left) > 0) taken.push(spot);
  }
  ctx.setLineDash([]);
  return taken;
}

/** A bar along the top while the condition holds. Those of the chosen tag have a line where they began and ended, and their name where there is room. */
function drawAlarms(u: uPlot, { alarms, series, chosen, palette, end }: Picture, taken: readonly Box[]): void {
  const { ctx, bbox } = u;
  const tag = series[chosen]?.tag ?? '';
  let free = bbox.left;
  let last = -Infinity;
  for (const { from, until, priority, label: words, tags } of alarms) {
    const [left, right] = [x(u, from), x(u, Math.min(until, end))];
    if (right < bbox.left || left > bbox.left + bbox.width) continue;
    const colour = palette.priority[priority];
    ctx.fillStyle = colour;
    ctx.globalAlpha = 0.85;
    ctx.fillRect(left, bbox.top, Math.max(2 * ratio(), right - left), 5 * ratio());
    ctx.globalAlpha = 1;
    if (!tags.includes(tag) || left - last < HATCH * ratio()) continue;
    last = left;
    ctx.strokeStyle = colour;
    ctx.lineWidth = ratio();
    ctx.setLineDash([3 * ratio(), 3 * ratio()]);
    line(ctx, left, bbox.top, left, bbox.top + bbox.height);
    if (until !== Infinity) line(ctx, right, bbox.top, right, bbox.top + bbox.height);
    ctx.setLineDash([]);
    triangle(ctx, left, bbox.top + 5 * ratio(), 6 * ratio());
    const at = left + 8 * ratio();
    if (at < free) continue;
    const box = { left: at, width: widthOf(u, words, palette), middle: bbox.top + 7 * ratio() + palette.size * ratio() * 0.6, height: palette.size * ratio() * 1.3 };
    const { middle } = below(box, taken);
    free = at + label(u, words, at, middle, colour, palette, 'left', bbox.left + bbox.width - at);
  }
}

function triangle(ctx: CanvasRenderingContext2D, at: number, top: number, size: number): void {
  ctx.beginPath();
  ctx.moveTo(at - size, top);
  ctx.lineTo(at + size, top);
  ctx.lineTo(at, top + size * 1.4);
  ctx.fill();
}

function line(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

/** How wide a label of these words is. */
function widthOf({ ctx }: uPlot, words: string, palette: Palette): number {
  ctx.font = `600 ${palette.size * ratio()}px ${palette.font}`;
  return ctx.measureText(words).width + 6 * ratio();
}

/** Words on a ground of the surface, where there is room for them; gives how wide they are. */
function label(u: uPlot, words: string, at: number, middle: number, colour: string, palette: Palette, align: CanvasTextAlign, room: number): number {
  const { ctx } = u;
  const width = widthOf(u, words, palette);
  if (words === '' || width > room) return 0;
  const left = align === 'center' ? at - width / 2 : at;
  ctx.globalAlpha = 0.82;
  ctx.fillStyle = palette.surface;
  ctx.fillRect(left, middle - palette.size * ratio() * 0.65, width, palette.size * ratio() * 1.3);
  ctx.globalAlpha = 1;
  ctx.fillStyle = colour;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(words, left + 3 * ratio(), middle);
  return width;
}

/** Stripes, crosses or dots, so that shape says what colour says. */
function hatch(u: uPlot, colour: string, shape: 'down' | 'cross' | 'dots'): CanvasPattern | string {
  const size = Math.round(HATCH * ratio());
  const tile = document.createElement('canvas');
  tile.width = tile.height = size;
  const ctx = tile.getContext('2d');
  if (!ctx) return colour;
  ctx.globalAlpha = 0.1;
  ctx.fillStyle = colour;
  ctx.fillRect(0, 0, size, size);
  ctx.globalAlpha = 0.55;
  ctx.strokeStyle = colour;
  ctx.lineWidth = ratio();
  if (shape === 'dots') ctx.fillRect(size / 3, size / 3, 2 * ratio(), 2 * ratio());
  if (shape !== 'dots') [-size, 0, size].forEach((by) => line(ctx, by, 0, by + size, size));
  if (shape === 'cross') [-size, 0, size].forEach((by) => line(ctx, by, size, by + size, 0));
  return u.ctx.createPattern(tile, 'repeat') ?? colour;
}
