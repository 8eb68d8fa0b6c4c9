import { describe, expect, it } from 'vitest';
import { sizeOf, withEdit } from '../src/lib/edits.ts';
import type { ConfigEdit } from '../src/lib/types.ts';

const all = (...edits: ConfigEdit[]) => edits.reduce<readonly ConfigEdit[]>(withEdit, []);
const file = (name: string, text: string): ConfigEdit => ({ edit: 'file', name, text });
const points = (rows: Record<string, string>[], removed: string[] = []): ConfigEdit => ({ edit: 'points', rows, removed });

describe('changes of the configuration', () => {
  it('of the same file take the place of each other, unless something else came between', () => {
    expect(all(file('a', '1'), file('b', '1'), file('a', '2'))).toEqual([file('b', '1'), file('a', '2')]);
    const between: ConfigEdit = { edit: 'remove_source', id: 'x' };
    expect(all(file('a', '1'), between, file('a', '2'))).toEqual([file('a', '1'), between, file('a', '2')]);
  });

  it('of the same tag are laid over each other', () => {
    expect(all(points([{ BIT_NO: 'T1', H: '80' }]), points([{ 位号: 'T1', HH: '90' }, { BIT_NO: 'T2', H: '1' }]))).toEqual([
      points([{ BIT_NO: 'T1', 位号: 'T1', H: '80', HH: '90' }, { BIT_NO: 'T2', H: '1' }]),
    ]);
  });

  it('take a tag out, and one that was only proposed disappears', () => {
    expect(all(points([{ BIT_NO: 'T1', H: '80' }]), points([], ['T1']))).toEqual([points([], ['T1'])]);
    expect(all(points([{ BIT_NO: 'T9', source: 'dcs' }]), points([], ['T9']))).toEqual([points([])]);
  });

  it('of a source come together, and a proposed source disappears without a trace', () => {
    const set = (keys: Record<string, string>): ConfigEdit => ({ edit: 'set_source', id: 'dcs', keys });
    expect(all(set({ a: '1', c: '9' }), set({ a: '2', b: '3' }))).toEqual([set({ a: '2', b: '3' })]);
    expect(all(set({ a: '1' }), set({}))).toEqual([]);
    expect(all({ ...set({ a: '1' }), password: 'p' } as ConfigEdit, set({ b: '2' }))).toEqual([{ ...set({ b: '2' }), password: 'p' }]);
    const remove: ConfigEdit = { edit: 'remove_source', id: 'dcs' };
    expect(all(set({ a: '1' }), remove)).toEqual([remove]);
    expect(all({ edit: 'add_source', id: 'dcs', url: 'modbus://a' }, set({ a: '1' }), remove)).toEqual([]);
  });

  it('are counted by what they change', () => {
    expect([points([{ tag: 'a' }, { tag: 'b' }], ['c']), file('a', '')].map(sizeOf)).toEqual([3, 1]);
  });
});
