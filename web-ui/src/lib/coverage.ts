/** What a finding of the check is about, so that a person can go there. Pure. */

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
