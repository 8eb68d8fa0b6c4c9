/**
 * What waits to be read, the newest of each name alone. A browser hands on whatever has come, however late it is with the page;
 * so a page that cannot keep up and read all of it would fall behind ever more, and show alarms that are long over. What is replaced
 * before it is read is never read.
 */

export interface Latest<Name> {
  put(name: Name, text: string): void;
  /** Nothing that waits is read any more. */
  forget(): void;
}

/** Reads one text at a time, the one that has waited longest first, and lets in between whatever else comes. */
export function latest<Name>(read: (name: Name, text: string) => void, later: (work: () => void) => void): Latest<Name> {
  const waiting = new Map<Name, string>();
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
    const [name, text] = first.value;
    waiting.delete(name);
    call();
    read(name, text);
  }

  return {
    put(name, text) {
      waiting.set(name, text);
      call();
    },
    forget: () => waiting.clear(),
  };
}
