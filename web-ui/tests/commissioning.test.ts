import { describe, expect, it } from 'vitest';
import { target } from '../src/lib/coverage.ts';
import { parse, records } from '../src/lib/csv.ts';
import { blank, editOf, isWhole, urlOf } from '../src/lib/newSource.ts';
import { raw } from '../src/lib/format.ts';
import { changes, filtered, numeric, overlaid, type PointsEdit } from '../src/lib/points.ts';

describe('a number of unknown meaning', () => {
  it('is neither padded nor a row of noughts', () => {
    expect([0, -5767, 4294967295, 25, 123.456001, 7.1e-31, 2.9e20].map(raw)).toEqual(['0', '-5767', '4294967295', '25', '123.456', '7.1000e-31', '2.9000e+20']);
  });
});

describe('comma-separated values', () => {
  it('are read as RFC 4180 has them', () => {
    expect(parse('\u{feff}a,"b ""c"", d"\r\n"e\nf",\r\n')).toEqual([['a', 'b "c", d'], ['e\nf', '']]);
    expect(parse('a,b')).toEqual([['a', 'b']]);
    expect(parse('')).toEqual([]);
  });
  it('are records by their header', () => {
    expect(records('tag,name\nLI-1,液位\n,\nLI-2\n')).toEqual([{ tag: 'LI-1', name: '液位' }, { tag: 'LI-2', name: '' }]);
  });
});

describe('the point table with a draft', () => {
  const base = [{ tag: 'LI-1', name: '液位', H: '80', source: 'dcs', unit: 'U1' }, { tag: 'LI-2', name: '液位', measure: 'M1', source: 'plc' }];
  const edit = (rest: Partial<PointsEdit>): PointsEdit => ({ edit: 'points', ...rest });
  it('has what is added, changed and removed, one after the other', () => {
    const edits = [edit({ rows: [{ tag: 'LI-3', H: '1' }, { BIT_NO: 'LI-1', H: '85' }] }), { edit: 'remove_source' }, edit({ rows: [{ tag: 'LI-3', HH: '2' }], removed: ['LI-2'] })];
    const rows = overlaid(base, edits);
    expect(rows.map((row) => [row.key, row.standing])).toEqual([['LI-1', 'changed'], ['LI-3', 'new']]);
    expect(rows[0]?.cells).toEqual({ tag: 'LI-1', name: '液位', H: '85', source: 'dcs', unit: 'U1' });
    expect(rows[1]?.cells).toEqual({ tag: 'LI-3', H: '1', HH: '2' });
  });
  it('is looked through', () => {
    const all = { text: '', source: '', unit: '', without: '' } as const;
    const keys = (wanted: Partial<Parameters<typeof filtered>[1]>) => filtered(overlaid(base, []), { ...all, ...wanted }).map((row) => row.key);
    expect(keys({})).toEqual(['LI-1', 'LI-2']);
    expect([keys({ text: 'li-2' }), keys({ source: 'dcs' }), keys({ unit: '-' })]).toEqual([['LI-2'], ['LI-1'], ['LI-2']]);
    expect([keys({ without: 'measure' }), keys({ without: 'limits' }), keys({ without: 'unit' })]).toEqual([['LI-1'], ['LI-2'], ['LI-2']]);
  });
  it('is changed by the cells that differ', () => {
    expect(changes({ tag: 'LI-1', H: '80', L: '5' }, { tag: 'LI-1', H: '85 ', L: '5', HH: '' })).toEqual({ tag: 'LI-1', H: '85' });
    expect(changes({ tag: 'LI-1', L: '5' }, { tag: 'LI-1', L: '' })).toEqual({ tag: 'LI-1', L: '' });
    expect(changes({ tag: 'LI-1' }, { tag: 'LI-1', H: '' })).toBeNull();
  });
  it('has numbers and what is none', () => {
    expect([numeric('4.5'), numeric(' '), numeric('x'), numeric(undefined), numeric('-0')]).toEqual([4.5, null, null, null, -0]);
  });
});

describe('a source that is added', () => {
  it('has the scheme of its kind unless one is written', () => {
    expect(urlOf({ kind: 'opc_ua', place: ' 10.0.0.1:4840 ' })).toBe('opc.tcp://10.0.0.1:4840');
    expect(urlOf({ kind: 'opc_ua', place: 'opc.tcp://x' })).toBe('opc.tcp://x');
    expect(urlOf({ kind: 'serial', place: '/dev/ttyS1' })).toBe('/dev/ttyS1');
  });
  it('says what is of its kind and nothing else', () => {
    const typed = { ...blank(), id: ' dcs ', place: 'x', security: 'Basic256Sha256', securityMode: 'Sign', user: 'r', password: 'p', baud: 1 };
    expect(editOf(typed)).toEqual({ edit: 'add_source', id: 'dcs', url: 'opc.tcp://x', security: 'Basic256Sha256', security_mode: 'Sign', user: 'r', password: 'p' });
    expect(editOf({ ...typed, kind: 'modbus' })).toEqual({ edit: 'add_source', id: 'dcs', url: 'modbus://x' });
    expect(editOf({ ...typed, kind: 'serial', place: '/dev/ttyS1' })).toMatchObject({ baud: 1, parity: 'none', stop_bits: 1 });
    expect(editOf({ ...typed, kind: 'modbus_listen', allow: '10.0.0.0/8, 1.1.1.1/32' })).toMatchObject({ allow: ['10.0.0.0/8', '1.1.1.1/32'] });
  });
  it('is whole when what its kind needs is said', () => {
    const typed = { ...blank(), id: 'dcs', place: 'x' };
    expect([isWhole(typed), isWhole({ ...typed, security: 'none' }), isWhole({ ...typed, kind: 'modbus' }), isWhole({ ...typed, kind: 'mqtt' })]).toEqual([false, true, true, false]);
    expect(isWhole({ ...typed, kind: 'mqtt', ticket: 't/+' })).toBe(true);
  });
});

describe('a finding of the check', () => {
  const finding = (file: string, message: string) => ({ file, message });
  it('leads to what it is about', () => {
    expect(target(finding('tags.csv', '"LI-1" has limits but no measure, so …'))).toEqual({ kind: 'tag', id: 'LI-1' });
    expect(target(finding('risk/measures.csv', '"CM-1" is watched automatically …'))).toEqual({ kind: 'measure', id: 'CM-1' });
    expect(target(finding('zones.csv', '"Z-1" belongs …'))).toBeNull();
    expect(target(finding('tags.csv', 'the file is empty'))).toBeNull();
  });
});
