/** English, key for key as in Chinese; each file is checked against its twin. */

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

export const en = {
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
