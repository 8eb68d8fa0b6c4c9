/** How a line is told from the others: by its colour, by its dashes and by its number. */

export const LINES = 8;

/** Canvas dashes of the lines, in CSS pixels; the first is whole. */
export const DASHES: readonly number[][] = [[], [8, 4], [2, 3], [12, 4, 2, 4], [5, 2], [2, 6], [16, 5], [8, 3, 2, 3, 2, 3]];

/** The colours of the theme in force, for canvases. */
export interface Palette {
  lines: string[];
  text: string;
  dim: string;
  grid: string;
  surface: string;
  bad: string;
  uncertain: string;
  hatch: string;
  priority: Record<'critical' | 'high' | 'medium' | 'low', string>;
  font: string;
  /** Of the text, in whole CSS pixels: uPlot reads no others. */
  size: number;
}

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    lines: Array.from({ length: LINES }, (_, at) => of(`line-${at + 1}`)),
    text: of('text'), dim: of('text-2'), grid: of('line'), surface: of('surface'), bad: of('red-ink'), uncertain: of('yellow-ink'), hatch: of('text-3'),
    priority: { critical: of('red-ink'), high: of('orange-ink'), medium: of('yellow-ink'), low: of('blue-ink') },
    font: getComputedStyle(document.body).fontFamily, size: Math.round(parseFloat(style.fontSize) * 0.8),
  };
}
