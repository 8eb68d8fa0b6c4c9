/** What the states of an alarm ask of people. */

import type { AlarmState } from './types.ts';

/** Somebody must acknowledge it. */
export const isUnanswered = (state: AlarmState): boolean =>
  state === 'unacknowledged' || state === 'returned_unacknowledged' || state === 'latched_unacknowledged';

/** Its condition is gone, or it annunciates nothing: it is shown quietly. */
export const isPast = (state: AlarmState): boolean => state !== 'unacknowledged' && state !== 'acknowledged';

/** It annunciates nothing, because somebody or something hides it. */
export const isHidden = (state: AlarmState): boolean => state === 'shelved' || state === 'suppressed' || state === 'out_of_service';
