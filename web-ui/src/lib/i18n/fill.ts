/** Puts values into the `{places}` of a text; `{n:task|tasks}` chooses the word for one or for any other number. Pure. */
export function fill(text: string, values: Readonly<Record<string, string | number>> = {}): string {
  return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (place, name: string, one?: string, other?: string) => {
    if (!(name in values)) return place;
    return one === undefined ? String(values[name]) : String(Number(values[name]) === 1 ? one : other);
  });
}
