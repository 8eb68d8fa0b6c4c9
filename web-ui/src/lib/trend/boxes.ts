/** Where labels stand so that none lies on another. Pure. */

export interface Box {
  left: number;
  width: number;
  middle: number;
  height: number;
}

const AIR = 4;

export const overlap = (one: Box, other: Box): boolean =>
  one.left < other.left + other.width + AIR && other.left < one.left + one.width + AIR && Math.abs(one.middle - other.middle) < (one.height + other.height) / 2;

/** Moved to the right behind whatever stands in its way. */
export function aside(box: Box, taken: readonly Box[]): Box {
  const sorted = [...taken].sort((one, other) => one.left - other.left);
  return sorted.reduce((at, other) => (overlap(at, other) ? { ...at, left: other.left + other.width + AIR } : at), box);
}

/** Moved down below whatever stands in its way. */
export function below(box: Box, taken: readonly Box[]): Box {
  const sorted = [...taken].sort((one, other) => one.middle - other.middle);
  return sorted.reduce((at, other) => (overlap(at, other) ? { ...at, middle: other.middle + (at.height + other.height) / 2 } : at), box);
}
