/** Which tags an observation was made of. Pure. */

import type { Trigger } from '../types.ts';
import { TAGS_MAX } from './window.ts';

export function tagsSeen(triggers: readonly Trigger[]): string[] {
  return [...new Set(triggers.flatMap(seen))].slice(0, TAGS_MAX);
}

function seen(trigger: Trigger): string[] {
  switch (trigger.observed) {
    case 'value': return [trigger.tag];
    case 'pair': return [trigger.first.tag, trigger.second.tag];
    case 'compound': return trigger.parts.flatMap((part) => (part.part === 'tag' ? [part.tag] : []));
    case 'ticket': return trigger.detector === null ? [] : [trigger.detector.tag];
    default: return [];
  }
}
