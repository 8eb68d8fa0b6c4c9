/** The keys of a source that is there, as a form: which there are of its kind, how each is typed, what has changed. Pure. */

import type { EditOf } from './edits.ts';
import type { ConfigEdit } from './types.ts';

export type SourceKind = 'opcua' | 'modbus' | 'mqtt' | 'board';

/** How a key is typed: freely, with what holds where nothing is written; as one of some words; as yes or no. */
export interface Key {
  key: string;
  /** What holds where it is not written; empty where nothing does, or where something must be. */
  fallback: string;
  words: readonly string[] | null;
}

const text = (key: string, fallback = ''): Key => ({ key, fallback, words: null });
const oneOf = (key: string, fallback: string, ...words: string[]): Key => ({ key, fallback, words });
const flag = (key: string, fallback: 'true' | 'false'): Key => oneOf(key, fallback, 'true', 'false');

const LOST = [text('lost_after', '5s'), oneOf('lost_priority', 'high', 'low', 'medium', 'high', 'critical')];
const POLICIES = ['none', 'Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss'];

/** By groups, as a person looks for them. */
export const GROUPS: Readonly<Record<SourceKind, Readonly<Record<string, readonly Key[]>>>> = {
  opcua: {
    place: [text('name'), text('endpoint'), text('backup', '[]'), text('service_level_min', '200')],
    security: [oneOf('security', '', ...POLICIES), oneOf('security_mode', 'SignAndEncrypt', 'SignAndEncrypt', 'Sign'), flag('certificate_host_check', 'true'), flag('certificate_time_check', 'true')],
    user: [text('user'), text('password_file'), text('password_env'), text('user_certificate_file'), text('user_key_file')],
    scan: [oneOf('mode', 'subscribe', 'subscribe', 'poll'), text('publishing_interval', '500ms'), text('sampling_interval'), text('queue_size', '10'), text('poll_interval', '1s'), flag('history', 'false'), ...LOST],
  },
  modbus: {
    place: [text('name'), text('address'), text('backup_address'), oneOf('framing', 'tcp', 'tcp', 'rtu')],
    line: [text('serial'), text('baud', '9600'), oneOf('parity', 'none', 'none', 'even', 'odd'), text('stop_bits', '1')],
    listen: [text('listen'), text('allow'), text('registration')],
    scan: [text('poll_interval', '1s'), text('timeout', '1s'), text('late_answers'), text('retries', '0'), text('pause_after_connect', '0s'), text('pause_between_requests', '0s'), ...LOST],
    requests: [text('gap_max', '8'), text('registers_max', '125'), text('bits_max', '2000'), flag('one_by_one', 'false'), text('forbidden', '[]'), flag('identify', 'false')],
  },
  mqtt: {
    place: [text('name'), text('url'), oneOf('version', '3.1.1', '3.1.1', '5'), text('client_id')],
    security: [text('ca_file'), text('client_certificate_file'), text('client_key_file')],
    user: [text('user'), text('password_file'), text('password_env')],
    scan: LOST,
  },
  board: { place: [text('name')], scan: LOST },
};

/** How a Modbus line is reached, by the group that says it: of the others nothing is offered. */
const WAYS: Readonly<Record<string, string>> = { place: 'address', line: 'serial', listen: 'listen' };

/** The groups that belong to a source as it is reached, without those of other ways. */
export function groupsOf(kind: SourceKind, keys: Readonly<Record<string, string>>): [string, readonly Key[]][] {
  const all = Object.entries(GROUPS[kind]);
  if (kind !== 'modbus') return all;
  const way = Object.keys(WAYS).find((group) => (WAYS[group] ?? '') in keys) ?? 'place';
  const fits = (group: string) => !(group in WAYS) || group === way;
  const name = GROUPS.modbus['place']?.[0];
  return all.filter(([group]) => fits(group)).map(([group, own]) => [group, group === way && way !== 'place' && name ? [name, ...own] : own]);
}

/** The keys with what the draft makes of them. */
export function drafted(id: string, keys: Readonly<Record<string, string>>, edits: readonly ConfigEdit[]): Record<string, string> {
  const set = edits.filter((edit): edit is EditOf<'set_source'> => edit.edit === 'set_source' && edit.id === id);
  return Object.assign({ ...keys }, ...set.map((edit) => edit.keys ?? {}));
}

/** What is typed otherwise than it is written; a key that is cleared goes, one that never was there is left alone. */
export function changed(written: Readonly<Record<string, string>>, typed: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(typed).map(([key, value]) => [key, value.trim()] as const);
  return Object.fromEntries(entries.filter(([key, value]) => value !== (written[key] ?? '')));
}

/** The edit, or null where nothing is changed. A user who gets a password gets a file for it, which no name of another one may contradict. */
export function editOf(id: string, keys: Readonly<Record<string, string>>, password: string): EditOf<'set_source'> | null {
  if (Object.keys(keys).length === 0 && password === '') return null;
  const { password_file: _, ...others } = keys;
  return password === '' ? { edit: 'set_source', id, keys } : { edit: 'set_source', id, keys: others, password };
}
