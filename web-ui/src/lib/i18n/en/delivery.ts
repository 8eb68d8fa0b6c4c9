/** English: refused rows, messages that could not be used, gaps. */

import type { delivery as zh } from '../zh/delivery.ts';

export const delivery: Record<keyof typeof zh, string> = {
  'parked.title': 'Refused rows',
  'parked.show': 'Show',
  'parked.hide': 'Hide',
  'parked.hint': 'Rows that the receiver refused are kept here and tried again by themselves; when the cause is mended they can be tried at once.',
  'parked.since': 'Since',
  'parked.tries': 'Tries',
  'parked.next': 'Next try',
  'parked.retry': 'Try again',
  'parked.retry_all': 'Try all again',
  'parked.audit': 'Who tried again',
  'parked.none': 'No refused rows',
  'parked.more': 'Show more',
  'quarantine.title': 'Messages that could not be used',
  'quarantine.none': 'None',
  'quarantine.hint': 'The latest 20, the newest first; correct the mapping of the source by them.',
  'gaps.title': 'Gaps in the data',
  'gaps.filled': '{n} {n:value|values} filled in from its history',
  'gaps.open': 'a gap since {time}',
};
