/** When what waits for an uplink will be gone, judged by the last minute. Pure. */

export type Drain = { state: 'empty' | 'standing' | 'growing' } | { state: 'draining'; ms: number };

const WINDOW = 60;
/** From fewer seconds nothing can be said. */
const SECONDS_MIN = 5;

/** `history` has the backlog of each second, the newest last; null while too little is known. */
export function drain(history: readonly number[]): Drain | null {
  const last = history.at(-1);
  if (last === 0) return { state: 'empty' };
  const recent = history.slice(-WINDOW);
  const first = recent[0];
  if (last === undefined || first === undefined || recent.length < SECONDS_MIN) return null;
  const rate = (first - last) / (recent.length - 1);
  if (rate === 0) return { state: 'standing' };
  return rate < 0 ? { state: 'growing' } : { state: 'draining', ms: (last / rate) * 1_000 };
}
