/** Chinese, the language of the page unless a person chooses another; a file for each page. */

import { alarms } from './alarms.ts';
import { fields } from './fields.ts';
import { frame } from './frame.ts';
import { indicators } from './indicators.ts';
import { links } from './links.ts';
import { overview } from './overview.ts';
import { rules } from './rules.ts';
import { states } from './states.ts';
import { triggers } from './triggers.ts';
import { values } from './values.ts';
import { work } from './work.ts';

export const zh = {
  ...frame,
  ...states,
  ...triggers,
  ...overview,
  ...alarms,
  ...work,
  ...values,
  ...links,
  ...fields,
  ...rules,
  ...indicators,
};
