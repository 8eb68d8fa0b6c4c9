import { describe, expect, it } from 'vitest';
import template from '../../config/template/gateway.toml?raw';
import { zh } from '../src/lib/i18n/zh/index.ts';
import { changed, drafted, editOf, GROUPS, groupsOf, type SourceKind } from '../src/lib/sourceKeys.ts';

/** What the template, which explains every key, says of a kind: examples stand behind `# `, defaults behind `#`. */
function explained(kind: SourceKind): Map<string, { value: string; isDefault: boolean }> {
  const [, section = ''] = template.split(`[[source.${kind}]]`);
  const [own = ''] = section.split(/^\[/m);
  const lines = [...own.matchAll(/^(#?)( ?)(\w+) = (.+)$/gm)];
  return new Map(lines.map(([, mark, blank, key = '', value = '']) => [key, { value: value.replace(/^"(.*)"$/, '$1'), isDefault: mark === '#' && blank === '' }]));
}

describe.each(Object.keys(GROUPS) as SourceKind[])('the form of %s', (kind) => {
  const keys = Object.values(GROUPS[kind]).flat();

  it('has the keys that the template explains, each once and with words', () => {
    const written = explained(kind);
    expect(written.size).toBeGreaterThan(3);
    const others = ['id', 'data_bits'];
    expect(keys.map(({ key }) => key).sort()).toEqual([...written.keys()].filter((key) => !others.includes(key)).sort());
    expect(keys.filter(({ key }) => !(`source_key.${key}` in zh))).toEqual([]);
    expect(Object.keys(GROUPS[kind]).filter((group) => !(`source_group.${group}` in zh))).toEqual([]);
  });

  it('says the defaults that hold', () => {
    const written = explained(kind);
    for (const { key, fallback } of keys) {
      const said = written.get(key);
      if (said?.isDefault && fallback !== '') expect([key, fallback]).toEqual([key, said.value]);
    }
  });
});

describe('what is typed', () => {
  const written = { endpoint: 'opc.tcp://a/', user: 'davy', password_file: 'secret' };

  it('is an edit of what differs; a cleared key goes, and one that never was is left alone', () => {
    expect(changed(written, { ...written, endpoint: ' opc.tcp://b/ ', user: '', history: '', queue_size: '20' })).toEqual({ endpoint: 'opc.tcp://b/', user: '', queue_size: '20' });
    expect(editOf('dcs', changed(written, written), '')).toBeNull();
  });

  it('has a file of its own for a new password', () => {
    expect(editOf('dcs', { user: 'x', password_file: 'other' }, 'geheim')).toEqual({ edit: 'set_source', id: 'dcs', keys: { user: 'x' }, password: 'geheim' });
    expect(editOf('dcs', {}, 'geheim')).toEqual({ edit: 'set_source', id: 'dcs', keys: {}, password: 'geheim' });
  });

  it('begins with what the draft has', () => {
    const edit = { edit: 'set_source', id: 'dcs', keys: { user: 'reader' } } as const;
    expect(drafted('dcs', written, [{ ...edit, id: 'other' }, edit])).toEqual({ ...written, user: 'reader' });
  });

  it('of a Modbus line offers the way in which it is reached, and no other', () => {
    const names = (keys: Record<string, string>) => groupsOf('modbus', keys).map(([group]) => group);
    expect(names({ address: 'a' })).toEqual(['place', 'scan', 'requests']);
    expect(names({ serial: '/dev/ttyS1' })).toEqual(['line', 'scan', 'requests']);
    expect(names({ listen: '0.0.0.0:5020' })).toEqual(['listen', 'scan', 'requests']);
    expect(groupsOf('modbus', { serial: 'x' })[0]?.[1].map(({ key }) => key)).toContain('name');
  });
});
