/** The words around the document in the language that the person reads. */

import { locale } from '../lib/locale.svelte.ts';
import { GROUPS, TEXTS } from './texts.ts';

export const w = (key: keyof typeof TEXTS.zh): string => TEXTS[locale.value][key];

export const groupName = (name: string, description: string): string => (locale.value === 'zh' ? (GROUPS[name] ?? description) : description);
