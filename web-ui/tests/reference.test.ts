import { describe, expect, it } from 'vitest';
import kept from '../../docs/schemas/openapi.json';
import { curl } from '../src/reference/curl.ts';
import { found, grouped, nameOf, operations, usedBy, type Document } from '../src/reference/document.ts';
import { DEPTH_MAX, fields, LINES_MAX } from '../src/reference/fields.ts';
import { GROUPS, TEXTS } from '../src/reference/texts.ts';

const document = kept as unknown as Document;
const all = operations(document);
const one = (id: string) => {
  const found = all.find((operation) => operation.id === id);
  if (!found) throw new Error(`${id} is not in the document`);
  return found;
};
const linesOf = (name: string) => fields(document, { $ref: `#/components/schemas/${name}` });

describe('the published document, as the reference reads it', () => {
  it('has every operation once, each in a group that has words', () => {
    const said = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    expect(said.length).toBeGreaterThan(80);
    expect(all.map(({ id }) => id)).toEqual(said);
    expect(grouped(document, all).flatMap((group) => group.operations.map(({ id }) => id)).sort()).toEqual([...said].sort());
    expect((document.tags ?? []).map(({ name }) => name).sort()).toEqual(Object.keys(GROUPS).sort());
  });

  it('has no reference that leads nowhere, and none that is shown otherwise', () => {
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => nameOf(match[1] ?? ''));
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !(name in document.components.schemas))).toEqual([]);
    const shown = Object.keys(document.components.schemas).flatMap((name) => linesOf(name).map(({ schema }) => schema));
    expect(shown.filter((name) => name !== null && !(name in document.components.schemas))).toEqual([]);
  });

  it('is shown in bounds, each line at a place of its own', () => {
    for (const name of Object.keys(document.components.schemas)) {
      const lines = linesOf(name);
      expect(lines.length, name).toBeLessThanOrEqual(LINES_MAX);
      expect(Math.max(0, ...lines.map(({ depth }) => depth)), name).toBeLessThanOrEqual(DEPTH_MAX);
      expect(new Set(lines.map(({ key }) => key)).size, name).toBe(lines.length);
    }
  });

  it('says who may, what is taken and how it is refused', () => {
    const shelve = one('POST /api/v1/alarms/{id}/shelve');
    expect([shelve.permission, shelve.group, shelve.parameters.map(({ name }) => name)]).toEqual(['shelve', 'alarms', ['id']]);
    expect(fields(document, shelve.body?.schema ?? {}).map(({ name, required }) => [name, required])).toEqual(
      expect.arrayContaining([['reason', true], ['by', false]]));
    expect(shelve.problems.find(({ status }) => status === '403')?.codes).toContain('password_again');
    expect(one('GET /api/v1/session').permission).toBeNull();
    expect(all.filter(({ permission, credentials }) => credentials.includes('token') && permission === null)).toEqual([]);
  });

  it('has fields of fields, lists, forms and values', () => {
    const page = fields(document, one('GET /api/v1/alarms').answers[0]?.content.schema ?? {});
    expect(page.find(({ key }) => key === '/items/state')).toMatchObject({ depth: 1, required: true });
    const edits = linesOf('ConfigEdit').filter(({ name, depth }) => name === '' && depth === 0).map(({ type }) => type);
    expect(edits).toContain('edit = "set_source"');
    expect(linesOf('BoardTest').find(({ name }) => name === 'seconds')?.bounds).toMatch(/^≥ 1, ≤ \d+/);
    expect(usedBy(all, 'RuleView').map(({ id }) => id)).toEqual(['GET /api/v1/rules']);
  });
});

describe('the search', () => {
  it.each([
    ['', all.length], ['no such thing', 0], ['horn silence', 1], ['HORN', 1],
  ])('%j finds %i', (words, count) => expect(found(all, words)).toHaveLength(count));

  it('finds by permission, error and type', () => {
    expect(found(all, 'administer').length).toBeGreaterThan(5);
    expect(found(all, 'no_such_uplink').map(({ id }) => id)).toContain('GET /api/v1/uplinks/{id}/progress');
    expect(found(all, 'TagHistory').map(({ id }) => id)).toEqual(['GET /api/v1/tags/{id}/history']);
  });
});

describe('the command line', () => {
  const at = (id: string) => curl(one(id), 'https://gw');

  it.each([
    ['GET /healthz', "curl 'https://gw/healthz'"],
    ['GET /api/v1/tags/{id}/history', 'curl \'https://gw/api/v1/tags/ID/history\' \\\n  -H "Authorization: Bearer $DAVY_TOKEN"'],
    ['POST /api/v1/session/log-out', 'curl -X POST \'https://gw/api/v1/session/log-out\' \\\n  -b "davy_session=$DAVY_SESSION"'],
  ])('of %s', (id, line) => expect(at(id).startsWith(line)).toBe(true));

  it('has the example as the body, and a file by its own name', () => {
    const line = at('POST /api/v1/system/backup');
    expect(line).toContain(`-d '${JSON.stringify(one('POST /api/v1/system/backup').body?.example)}'`);
    expect(line.endsWith('-OJ')).toBe(true);
    expect(at('GET /api/v1/stream').endsWith('-N')).toBe(true);
  });

  it('never lets a quote end the text', () => {
    const body = { example: { note: "it's" } };
    expect(curl({ ...one('POST /api/v1/horn/silence'), body }, '')).toContain(`'{"note":"it'\\''s"}'`);
  });
});

it('has the same words in both languages', () => {
  expect(Object.keys(TEXTS.en)).toEqual(Object.keys(TEXTS.zh));
  expect(Object.values(TEXTS.en).filter((text) => /\p{Script=Han}/u.test(text))).toEqual([]);
});
