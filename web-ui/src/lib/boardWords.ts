/** Words for the lines of the alarm box. */

import { t } from './i18n/index.svelte.ts';
import type { PanelInput, PanelOutput } from './types.ts';

export const outputLabel = (output: PanelOutput): string =>
  t(`board_role.${output.role}`, { colour: output.colour ? t(`lamp.${output.colour}`) : '' });

export const inputLabel = (input: PanelInput): string => t(`board_role.${input.role}`);

export const inputState = (input: PanelInput): string =>
  t(input.active === null ? 'board.unreadable' : input.active ? 'board.active' : 'board.inactive');
