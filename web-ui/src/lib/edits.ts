/** A list of changes, kept short: a later change of the same thing takes the place of the earlier one. */

import type { ConfigEdit } from './types.ts';

type Kind = ConfigEdit['edit'];
export type EditOf<K extends Kind> = Extract<ConfigEdit, { edit: K }>;
type Row = Record<string, string>;

/** The headers of the column of tags. */
const TAG = ['BIT_NO', 'tag', '位号'];
const tagOf = (row: Row): string => TAG.map((header) => row[header]).find((id) => id !== undefined) ?? '';

/** The changes with one more. */
export function withEdit(edits: readonly ConfigEdit[], edit: ConfigEdit): readonly ConfigEdit[] {
  const last = edits.at(-1);
  if (edit.edit === 'file') {
    // Whatever was done to the file before is in the text or gone with it, unless other kinds of changes came after.
    const at = edits.map((other) => other.edit === 'file' && other.name === edit.name).lastIndexOf(true);
    const between = edits.slice(at + 1).some((other) => other.edit !== 'file');
    return at >= 0 && !between ? [...edits.slice(0, at), ...edits.slice(at + 1), edit] : [...edits, edit];
  }
  if (edit.edit === 'points' && last?.edit === 'points') return [...edits.slice(0, -1), joined(last, edit)];
  if (edit.edit === 'set_source') {
    // The form says all that differs from what is in force; only a password, which nobody can see again, is kept.
    const before = edits.find((other): other is EditOf<'set_source'> => other.edit === 'set_source' && other.id === edit.id);
    const next = { ...(before?.password && { password: before.password }), ...edit };
    const says = Object.keys(next.keys ?? {}).length > 0 || next.password !== undefined;
    return [...edits.filter((other) => other !== before), ...(says ? [next] : [])];
  }
  if (edit.edit === 'remove_source') {
    // One that was only proposed needs not be taken out.
    const rest = edits.filter((other) => !('id' in other && other.id === edit.id));
    const proposed = edits.some((other) => other.edit === 'add_source' && other.id === edit.id);
    return proposed ? rest : [...rest, edit];
  }
  return [...edits, edit];
}

/** Two changes of rows as one: cells of the same tag are laid over each other, and who goes does not come. */
function joined(one: EditOf<'points'>, other: EditOf<'points'>): EditOf<'points'> {
  const rows = new Map<string, Row>();
  const gone = new Set(other.removed ?? []);
  for (const row of one.rows ?? []) if (!gone.has(tagOf(row))) rows.set(tagOf(row), row);
  for (const row of other.rows ?? []) rows.set(tagOf(row), { ...rows.get(tagOf(row)), ...row });
  const known = new Set((one.rows ?? []).map(tagOf).filter((tag) => gone.has(tag)));
  const removed = new Set([...(one.removed ?? []), ...gone].filter((tag) => !rows.has(tag)));
  return { edit: 'points', rows: [...rows.values()], removed: [...removed].filter((tag) => !known.has(tag) || !isNew(one, tag)) };
}

/** Marked by whoever proposes a row of a tag that the table does not have. */
export const NEW = 'source';
const isNew = (edit: EditOf<'points'>, tag: string): boolean => (edit.rows ?? []).some((row) => tagOf(row) === tag && NEW in row);

/** How many things it changes. */
export function sizeOf(edit: ConfigEdit): number {
  return edit.edit === 'points' ? (edit.rows?.length ?? 0) + (edit.removed?.length ?? 0) : 1;
}
