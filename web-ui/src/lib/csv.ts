/** Comma-separated values (RFC 4180), as the gateway writes them. Pure. */

export function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const end = () => { row.push(cell); cell = ''; };
  const source = text.replace(/^\u{feff}/u, '');
  for (let at = 0; at < source.length; at += 1) {
    const sign = source[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (source[at + 1] === '"') { cell += '"'; at += 1; }
      else quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === ',') end();
    else if (sign === '\n') { end(); rows.push(row); row = []; }
    else if (sign !== '\r') cell += sign;
  }
  if (cell !== '' || row.length > 0) { end(); rows.push(row); }
  return rows;
}

/** Rows by the names of their columns, which stand in the first. */
export function records(text: string): Record<string, string>[] {
  const [header = [], ...rows] = parse(text);
  return rows.filter((row) => row.some((cell) => cell !== '')).map((row) => Object.fromEntries(header.map((name, at) => [name, row[at] ?? ''])));
}
