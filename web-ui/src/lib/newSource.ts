/** A source that is being added: what a person types, and what it is as an edit of the configuration. Pure. */

export const KINDS = ['opc_ua', 'modbus', 'modbus_rtu', 'serial', 'modbus_listen', 'mqtt'] as const;
export type NewKind = (typeof KINDS)[number];

export interface Typed {
  kind: NewKind;
  id: string;
  name: string;
  place: string;
  security: string;
  securityMode: string | null;
  user: string;
  password: string;
  baud: number;
  parity: 'none' | 'even' | 'odd';
  stopBits: number;
  allow: string;
  location: string;
  video: string;
  ticket: string;
}

export const blank = (): Typed => ({
  kind: 'opc_ua', id: '', name: '', place: '', security: '', securityMode: null, user: '', password: '', baud: 9_600, parity: 'none', stopBits: 1,
  allow: '', location: '', video: '', ticket: '',
});

const SCHEMES: Record<NewKind, string> = {
  opc_ua: 'opc.tcp://', modbus: 'modbus://', modbus_rtu: 'modbus-rtu://', serial: '', modbus_listen: 'modbus-listen://', mqtt: 'mqtt://',
};

/** With the scheme of its kind, unless the person has written one. */
export function urlOf({ kind, place }: Pick<Typed, 'kind' | 'place'>): string {
  const typed = place.trim();
  return typed === '' || typed.includes('://') || kind === 'serial' ? typed : `${SCHEMES[kind]}${typed}`;
}

/** Whether somebody can be asked there before there is a source: not one who connects by himself, and not on a line of our own. */
export const canLook = (kind: NewKind): boolean => kind !== 'serial' && kind !== 'modbus_listen';

export function editOf(typed: Typed): { edit: 'add_source'; id: string; url: string } & Record<string, unknown> {
  const text = (name: string, value: string) => (value.trim() === '' ? {} : { [name]: value.trim() });
  const ofOpcUa = { security: typed.security, ...(typed.securityMode !== null && { security_mode: typed.securityMode }) };
  const ofLine = { baud: typed.baud, parity: typed.parity, stop_bits: typed.stopBits };
  const ofBroker = { ...text('location', typed.location), ...text('video', typed.video), ...text('ticket', typed.ticket) };
  const user = typed.user.trim() === '' ? {} : { user: typed.user.trim(), password: typed.password };
  const allow = typed.allow.split(/[\s,]+/).filter((range) => range !== '');
  return {
    edit: 'add_source', id: typed.id.trim(), url: urlOf(typed), ...text('name', typed.name),
    ...(typed.kind === 'opc_ua' && { ...ofOpcUa, ...user }),
    ...(typed.kind === 'serial' && ofLine),
    ...(typed.kind === 'modbus_listen' && { allow }),
    ...(typed.kind === 'mqtt' && { ...ofBroker, ...user }),
  };
}

/** Whether all is said that must be. */
export function isWhole(typed: Typed): boolean {
  if (typed.id.trim() === '' || typed.place.trim() === '') return false;
  if (typed.kind === 'opc_ua') return typed.security !== '';
  if (typed.kind === 'modbus_listen') return typed.allow.trim() !== '';
  if (typed.kind === 'mqtt') return [typed.location, typed.video, typed.ticket].some((topic) => topic.trim() !== '');
  return true;
}
