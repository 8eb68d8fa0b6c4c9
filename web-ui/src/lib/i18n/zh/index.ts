/** Chinese, the language of the page unless a person chooses another; a file for each page. */

import { access } from './access.ts';
import { alarms } from './alarms.ts';
import { commissioning } from './commissioning.ts';
import { board } from './board.ts';
import { config } from './config.ts';
import { delivery } from './delivery.ts';
import { fields } from './fields.ts';
import { frame } from './frame.ts';
import { indicators } from './indicators.ts';
import { items } from './items.ts';
import { journal } from './journal.ts';
import { links } from './links.ts';
import { overview } from './overview.ts';
import { reasons } from './reasons.ts';
import { rules } from './rules.ts';
import { sourceForm } from './sourceForm.ts';
import { states } from './states.ts';
import { system } from './system.ts';
import { trends } from './trends.ts';
import { triggers } from './triggers.ts';
import { updates } from './updates.ts';
import { values } from './values.ts';
import { work } from './work.ts';

export const zh = {
  ...frame,
  ...access,
  ...states,
  ...triggers,
  ...overview,
  ...alarms,
  ...work,
  ...updates,
  ...values,
  ...links,
  ...fields,
  ...rules,
  ...indicators,
  ...trends,
  ...reasons,
  ...items,
  ...journal,
  ...delivery,
  ...commissioning,
  ...config,
  ...sourceForm,
  ...board,
  ...system,
};
