/** Every sentence that is known, in Chinese. */

import { COVERAGE } from './coverage.ts';
import { Catalogue, type Sentence } from './match.ts';
import { RULES } from './rules.ts';
import { SETTINGS } from './settings.ts';
import { TABLES } from './tables.ts';
import { WIRING } from './wiring.ts';

export const SENTENCES: readonly Sentence[] = [...COVERAGE, ...TABLES, ...SETTINGS, ...RULES, ...WIRING];
export const CHINESE = new Catalogue(SENTENCES);
