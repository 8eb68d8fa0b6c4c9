/** Updates of the gateway itself: what runs, a file that is sent, the order to install it. */

import { get, send, upload } from './api.ts';
import type { UpdateState } from './types.ts';

/** A backup of a large journal is taken before. */
const INSTALL_TIMEOUT_MS = 900_000;

export const updateState = (): Promise<UpdateState> => get('updates');
export const sendFile = (file: File, progress: (share: number) => void): Promise<UpdateState> => upload('updates/upload', file, progress);
export const install = (by: string, reason: string): Promise<UpdateState> => send('updates/install', { by, reason }, INSTALL_TIMEOUT_MS);

/** What is to be said of it first: an installation, a trial, a file that waits, how the last trial ended, or nothing. */
export type Standing = 'installing' | 'trial' | 'offered' | 'refused' | 'rolled_back' | 'confirmed' | 'calm';

export function standing({ step, trial, received, last }: UpdateState): Standing {
  if (step !== null) return 'installing';
  if (trial !== null) return 'trial';
  if (received !== null) return received.refused === null ? 'offered' : 'refused';
  if (last !== null) return last.confirmed ? 'confirmed' : 'rolled_back';
  return 'calm';
}
