/**
 * What waits to be read. A browser hands on whatever has come, however late it is with the page; so a page that cannot keep up and
 * reads all of it falls behind ever more, and shows alarms that are long over. Of what replaces what was there the newest
 * alone is read; of what changes it everything, in its order, and as long as not too much of it waits.
 */

export interface Latest<Name> {
  /** `false` when too many changes wait, so that to begin anew is quicker. */
  put(name: Name, text: string, what: 'whole' | 'change'): boolean;
  /** Nothing that waits is read any more. */
  forget(): void;
}

/** Ten seconds of a section that changes as often as a snapshot is taken. */
export const CHANGES_MAX = 100;

/** Reads what waits of one name at a time, the one that has waited longest first, and lets in between whatever else comes. */
export function latest<Name>(read: (name: Name, text: string) => void, later: (work: () => void) => void): Latest<Name> {
  const waiting = new Map<Name, string[]>();
  let called = false;

  function call(): void {
    if (called || waiting.size === 0) return;
    called = true;
    later(next);
  }

  function next(): void {
    called = false;
    const first = waiting.entries().next();
    if (first.done) return;
    const [name, texts] = first.value;
    waiting.delete(name);
    call();
    for (const text of texts) read(name, text);
  }

  return {
    put(name, text, what) {
      const before = what === 'whole' ? undefined : waiting.get(name);
      if (before) before.push(text);
      else waiting.set(name, [text]);
      call();
      return (before?.length ?? 0) <= CHANGES_MAX;
    },
    forget: () => waiting.clear(),
  };
}
