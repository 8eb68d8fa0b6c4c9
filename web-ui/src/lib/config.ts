/** The configuration, as the gateway keeps and changes it. A large point table takes a while to look at. */

import { get, send } from './api.ts';
import type { ConfigChecked, ConfigEdit, ConfigFiles, ConfigState, ConfigVersion, Page, SourceKeys, WhatIfView } from './types.ts';

const PATIENCE_MS = 120_000;

/** Changes to the version in force. */
export interface Proposal {
  base: string;
  edits: readonly ConfigEdit[];
}

export const state = (): Promise<ConfigState> => get('config', PATIENCE_MS);
export const files = (): Promise<ConfigFiles> => get('config/files', PATIENCE_MS);
export const source = (id: string): Promise<SourceKeys> => get(`config/sources/${encodeURIComponent(id)}`, PATIENCE_MS);
export const version = (number: number): Promise<ConfigFiles> => get(`config/versions/${number}`, PATIENCE_MS);

/** The newest first. */
export const versions = (limit: number, after: string | null): Promise<Page<ConfigVersion>> =>
  get(`config/versions?limit=${limit}${after === null ? '' : `&after=${after}`}`, PATIENCE_MS);

export const check = (proposal: Proposal): Promise<ConfigChecked> => send('config/check', proposal, PATIENCE_MS);

export const apply = (proposal: Proposal, by: string, reason: string): Promise<ConfigVersion> =>
  send('config/apply', { ...proposal, by, reason }, PATIENCE_MS);

export const rollBack = (base: string, number: number, by: string, reason: string): Promise<ConfigVersion> =>
  send('config/rollback', { base, number, by, reason }, PATIENCE_MS);

export const whatIf = (): Promise<WhatIfView> => get('config/what-if');

export const askWhatIf = (proposal: Proposal, by: string, from: string | null, to: string | null): Promise<WhatIfView> =>
  send('config/what-if', { ...proposal, by, from, to }, PATIENCE_MS);

export const stopWhatIf = (by: string): Promise<WhatIfView> => send('config/what-if/stop', { by });

/** The point table in force as a file. */
export const pointsFile = (format: 'csv' | 'gbk' | 'xlsx', header: 'zh' | 'en'): string => `/api/v1/config/points?format=${format}&header=${header}`;
