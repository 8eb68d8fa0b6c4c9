import { describe, expect, it } from 'vitest';
// @ts-expect-error the fixtures are plain JavaScript
import { scene, SCENES } from '../dev/fixture/scenes.mjs';
import { mergeSection, SECTION_NAMES } from '../src/lib/merge.ts';
import type { Sections } from '../src/lib/types.ts';

const NOW = Date.UTC(2026, 10, 23, 6);
const made = (name: string) => scene(name, NOW) as Sections;

describe('the scenes that the page is looked at with', () => {
  it.each(SCENES as string[])('%s is sections that the page takes', (name) => {
    for (const [section, data] of Object.entries(made(name))) {
      expect(SECTION_NAMES).toContain(section);
      expect(() => mergeSection(section as keyof Sections, undefined, data)).not.toThrow();
    }
  });

  it('the worst one is as bad as promised', () => {
    const worst = made('worst');
    expect([worst.alarms.length, worst.warnings.length]).toEqual([41, 8]);
    expect(worst.people.some((person) => person.sos)).toBe(true);
    expect(worst.units.some((unit) => unit.unknown)).toBe(true);
    expect(new Set(worst.alarms.map((alarm) => alarm.id)).size).toBe(41);
    expect(new Set(worst.tasks.map((task) => task.id)).size).toBe(worst.tasks.length);
  });

  it('what a warning names is there', () => {
    const { warnings, tasks, measures } = made('worst');
    for (const warning of warnings) {
      expect(tasks.map((task) => task.id)).toEqual(expect.arrayContaining(warning.tasks));
      expect(measures.map((measure) => measure.measure)).toEqual(expect.arrayContaining(warning.failed_measures));
    }
  });
});
