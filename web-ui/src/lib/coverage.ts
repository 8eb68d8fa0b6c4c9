/** What a finding of the check is about, so that a person can go there; and its words in Chinese. Pure. */

import type { Key } from './i18n/index.svelte.ts';

interface Finding {
  file: string;
  message: string;
}
export interface Target {
  kind: 'tag' | 'measure';
  id: string;
}

/** The files whose rows are named at the beginning of a message, in quotes. */
const KINDS: Record<string, Target['kind']> = { 'tags.csv': 'tag', 'risk/measures.csv': 'measure' };

export function target({ file, message }: Finding): Target | null {
  const [, id] = /^"([^"]+)" /.exec(message) ?? [];
  const kind = KINDS[file];
  return kind && id ? { kind, id } : null;
}

/** How the gateway says it, and the words for it; what is not among them is shown as it is. */
const WORDS: readonly (readonly [string, Key])[] = [
  ['is watched automatically', 'coverage.measure_unwatched'],
  ['is watched by no rule', 'coverage.unit_unwatched'],
  ['belongs to no risk unit; fill in measure', 'coverage.tag_without_unit'],
  ['has limits but no measure', 'coverage.tag_without_measure'],
  ['is given in parts of the lower explosive limit', 'coverage.tag_is_gas'],
  ['is shorter than', 'coverage.delay_short'],
  ['reads a register that', 'coverage.register_twice'],
  ['no tag is read from the source', 'coverage.source_unused'],
];

export function findingWords(finding: Finding, t: (key: Key, values: Record<string, string>) => string): string {
  const found = WORDS.find(([begin]) => finding.message.includes(begin));
  const [, id = ''] = /"([^"]+)"/.exec(finding.message) ?? [];
  return found ? t(found[1], { id }) : finding.message;
}
