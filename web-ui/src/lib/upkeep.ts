/** The gateway itself: what it has in use, its log, and the files that a person takes away. */

import { file, get } from './api.ts';
import type { LogLevel, LogLine, Page, Resources } from './types.ts';

export const resources = (): Promise<Resources> => get('system/resources');

/** Lines after a place, the oldest first: as many as the gateway holds. */
export async function logs(after: number, level: LogLevel, contains: string): Promise<LogLine[]> {
  const words = contains.trim() === '' ? '' : `&contains=${encodeURIComponent(contains.trim())}`;
  return (await get<Page<LogLine>>(`system/logs?limit=5000&after=${after}&level=${level}${words}`)).items;
}

export const backup = (by: string, samples: boolean, reason: string) => file('system/backup', { by, samples, reason });
export const bundle = (by: string, names: boolean, reason: string) => file('system/support-bundle', { by, names, reason });

export const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];
