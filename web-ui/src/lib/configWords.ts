/** What the gateway says of configurations, in the language of the page. */

import { has, t } from './i18n/index.svelte.ts';

/** `rules: changed GT-1.H and 3 more`; what is said otherwise is shown as it is. */
export function changeWords(line: string): string {
  const [, what = '', verb = '', names = ''] = /^(\w+): (added|removed|changed) (.+)$/.exec(line) ?? [];
  const [whatKey, verbKey] = [`config_what.${what}`, `config_verb.${verb}`];
  if (!has(whatKey) || !has(verbKey)) return line === 'nothing that runs has changed' ? t('config.nothing_runs') : line;
  const [, shown = names, more = ''] = /^(.*) and (\d+) more$/.exec(names) ?? [];
  return t(more ? 'config.change_more' : 'config.change', { what: t(whatKey), verb: t(verbKey), names: shown.replaceAll(', ', t('list.comma')), more });
}
