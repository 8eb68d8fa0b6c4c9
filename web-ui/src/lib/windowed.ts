/** Which rows of a long list are drawn: those in view and some around; blank room stands for the others. Pure. */

export interface Slice {
  /** The first row that is drawn, and the first behind it that is not. */
  from: number;
  until: number;
  /** Pixels of blank room before and behind. */
  above: number;
  below: number;
}

/** `top` is how far the list begins above the view, `view` how high that is, `spare` how far around it rows are drawn; pixels. */
export function slice(heights: readonly number[], top: number, view: number, spare: number): Slice {
  const [first, last] = [top - spare, top + view + spare];
  let from = 0;
  let above = 0;
  while (from < heights.length && above + (heights[from] ?? 0) <= first) above += heights[from++] ?? 0;
  let until = from;
  let end = above;
  while (until < heights.length && end < last) end += heights[until++] ?? 0;
  let below = 0;
  for (let at = until; at < heights.length; at += 1) below += heights[at] ?? 0;
  return { from, until, above, below };
}

/** Where a row begins. */
export const offsetOf = (heights: readonly number[], at: number): number => heights.slice(0, Math.max(0, at)).reduce((sum, height) => sum + height, 0);
