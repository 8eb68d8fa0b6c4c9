/** Numbers, qualities and orders for people. Pure. */

import type { Demo, Priority, RiskLevel } from './types.ts';

/** A value with as many decimals as its range makes sense of, so that it does not dance. `—` when there is none. */
export function value(amount: number | null | undefined, range?: readonly [number, number] | null): string {
  if (amount === null || amount === undefined || !Number.isFinite(amount)) return '—';
  if (!range && Number.isInteger(amount)) return String(amount);
  return amount.toFixed(decimals(range ? range[1] - range[0] : Math.abs(amount) * 10));
}

function decimals(span: number): number {
  if (span === 0 || span >= 2_000) return 0;
  if (span >= 50) return 1;
  return span >= 5 ? 2 : 3;
}

/** A limit as written in the point table: no padding, no rounding that would hide a digit. */
export function exact(amount: number): string {
  return Number.isFinite(amount) ? String(Number(amount.toPrecision(12))) : '—';
}

/** A number of unknown meaning, as it came: huge and tiny ones with an exponent. */
export function raw(amount: number): string {
  const size = Math.abs(amount);
  const isPlain = size === 0 || (size >= 1e-4 && (Number.isInteger(amount) ? size < 1e15 : size < 1e7));
  return isPlain ? String(Number.isInteger(amount) ? amount : Number(amount.toPrecision(7))) : amount.toExponential(4);
}

/** With thin groups: `1 204 332`. */
export function count(amount: number): string {
  return String(Math.round(amount)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** Bytes as people say them: `812 B`, `48 MB`, `1.2 GB`. */
export function bytes(amount: number): string {
  const at = amount < 1_000 ? 0 : Math.min(4, Math.floor(Math.log10(amount) / 3));
  const scaled = amount / 1_000 ** at;
  return `${at === 0 || scaled >= 10 ? Math.round(scaled) : scaled.toFixed(1)}\u202f${['B', 'kB', 'MB', 'GB', 'TB'][at]}`;
}

/** Where a value stands in its range, 0 to 1; null when that cannot be said. */
export function share(amount: number | null, range: readonly [number, number] | null): number | null {
  if (amount === null || range === null || !Number.isFinite(amount) || range[1] <= range[0]) return null;
  return Math.min(1, Math.max(0, (amount - range[0]) / (range[1] - range[0])));
}

/** The names of OPC UA status codes that values come with; others show as severity and code. */
const QUALITY_NAMES: Record<number, string> = {
  0x0000: 'Good', 0x4000: 'Uncertain', 0x8000: 'Bad', 0x8007: 'BadDecodingError', 0x800a: 'BadTimeout',
  0x8031: 'BadNoCommunication', 0x8032: 'BadWaitingForInitialData', 0x8034: 'BadNodeIdUnknown',
  0x8074: 'BadTypeMismatch', 0x808b: 'BadDeviceFailure', 0x803c: 'BadOutOfRange', 0x808c: 'BadSensorFailure',
  0x809b: 'BadNoData', 0x0096: 'GoodLocalOverride', 0x408f: 'UncertainNoCommunicationLastUsableValue',
  0x4090: 'UncertainLastUsableValue', 0x4091: 'UncertainSubstituteValue', 0x4092: 'UncertainInitialValue',
  0x4093: 'UncertainSensorNotAccurate', 0x4094: 'UncertainEngineeringUnitsExceeded', 0x4095: 'UncertainSubNormal',
  0x4209: 'UncertainSimulatedValue', 0x420a: 'UncertainSensorCalibration', 0x800d: 'BadServerNotConnected',
  0x801f: 'BadUserAccessDenied', 0x8033: 'BadNodeIdInvalid', 0x803a: 'BadNotReadable', 0x8089: 'BadConfigurationError',
  0x808a: 'BadNotConnected', 0x808d: 'BadOutOfService', 0x8099: 'BadConditionDisabled',
};

export function qualityName(code: number): string {
  return QUALITY_NAMES[code >>> 16] ?? `${SEVERITIES[code >>> 30] ?? 'Bad'} 0x${code.toString(16).toUpperCase().padStart(8, '0')}`;
}

const SEVERITIES = ['Good', 'Uncertain', 'Bad', 'Bad'];

export function severity(code: number): 'good' | 'uncertain' | 'bad' {
  return (['good', 'uncertain', 'bad', 'bad'] as const)[code >>> 30] ?? 'bad';
}

/** Guidance as the steps it is written in: parted by semicolons, without what closes them. */
export function steps(guidance: string): string[] {
  return guidance.split(/[；;]/).map((step) => step.trim().replace(/[。.]$/, '')).filter((step) => step !== '');
}

/** A share of the whole as the width of a bar, `0%` to `100%`. */
export const percent = (part: number): string => `${Math.round(part * 1000) / 10}%`;

export const LEVELS: readonly RiskLevel[] = ['red', 'orange', 'yellow', 'blue'];
export const PRIORITIES: readonly Priority[] = ['critical', 'high', 'medium', 'low'];

/** 0 is the worst. */
export const levelRank = (level: RiskLevel): number => LEVELS.indexOf(level);
export const priorityRank = (priority: Priority): number => PRIORITIES.indexOf(priority);

export interface ReceiverCount {
  name: string;
  count: number;
}

/** Every count of the enterprise receiver, nested ones joined by `·`, in the order they came. */
export function receiverCounts(receiver: Demo['receiver']): ReceiverCount[] {
  const { latest: _latest, unreadable: _unreadable, duplicates: _duplicates, gaps: _gaps, ...rest } = receiver ?? {};
  return flatten([], rest);
}

function flatten(path: string[], node: unknown): ReceiverCount[] {
  if (typeof node === 'number') return [{ name: path.join(' · '), count: node }];
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return [];
  return Object.entries(node).flatMap(([key, inner]) => flatten(key === 'counts' ? path : [...path, key], inner));
}

/** The points of a small curve in a box of 100 × 24, newest at the right; empty with fewer than two values. */
export function sparkline(history: readonly number[]): string {
  if (history.length < 2) return '';
  const top = Math.max(1, ...history);
  const step = 100 / (history.length - 1);
  return history.map((amount, at) => `${(at * step).toFixed(2)},${(23 - (amount / top) * 22).toFixed(2)}`).join(' ');
}
