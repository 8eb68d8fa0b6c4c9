// Looks for barriers with axe-core on every page: `npm run build && npm run axe [-- all | -- PART]`. Fails on a finding that axe calls serious or
// critical; lighter ones are printed. Colours depend on the theme and words on the language, so that each is looked at once unless all are.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { start } from './fixture-server.mjs';

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = ['overview', 'alarms', 'tasks', 'values', 'trends', 'sources', 'people', 'indicators', 'rules', 'commissioning', 'journal', 'system'];
const QUERIES = { trends: '?tag=LT-1101&tag=TT-1102&span=1h' };
/** The reference of the interface: its beginning, an operation, a type. */
const REFERENCE = ['reference', 'reference#GET /api/v1/rules', 'reference#POST /api/v1/config/check', 'reference#schema/EvidencePacket'];
const SETTLE_MS = 700;
const GRAVE = ['serious', 'critical'];
const all = process.argv[2] === 'all';
const part = all ? '' : (process.argv[2] ?? '');

function* plan() {
  for (const [lang, theme] of all ? [['zh', 'light'], ['zh', 'dark'], ['en', 'light'], ['en', 'dark']] : [['zh', 'light'], ['en', 'dark']]) {
    for (const page of PAGES) yield { scene: 'worst', page, lang, theme };
    if (all) for (const page of PAGES) yield { scene: 'calm', page, lang, theme };
    for (const click of ['part-health', 'part-versions', 'part-logs', 'part-files', 'part-updates']) yield { scene: 'worst', page: 'system', lang, theme, click };
    yield { scene: 'worst', page: 'journal', lang, theme, click: 'kind-audit' };
    yield { scene: 'worst', page: 'sources', lang, theme, click: 'show-progress' };
    yield { scene: 'worst', page: 'people', lang, theme, click: 'muster' };
    yield { scene: 'worst', page: 'alarms', lang, theme, click: 'keys' };
    yield { scene: 'worst', page: 'alarms', lang, theme, click: 'filter-hidden' };
    yield { scene: 'worst', page: 'alarms', lang, theme, click: 'filter-health' };
    yield { scene: 'worst', page: 'tasks', lang, theme, click: 'finish' };
    for (const [view, click] of [['sources', 'look'], ['sources', 'add-source'], ['sources', 'open-set-source'], ['points', 'open-point'], ['coverage', 'finding-bind'], ['loops', 'check-loop'], ['loops', 'loops-fail'], ['files', 'file'], ['versions', 'version-back'], ['what_if', 'what-if-week']]) {
      yield { scene: 'gas', page: 'commissioning', lang, theme, view, click };
    }
    yield { scene: 'worst', page: 'system', lang, theme, click: 'board-test' };
    for (const beside of REFERENCE) yield { scene: 'calm', beside, lang, theme };
  }
}

const browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--disable-gpu'] });
let grave = 0;
let looked = 0;
for (const shot of plan()) {
  const name = Object.values(shot).join('-');
  if (!name.includes(part)) continue;
  const server = await start(shot.scene);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  await context.addInitScript(([lang, theme]) => Object.entries({ 'davy.locale': lang, 'davy.theme': theme, 'davy.operator': '陈志远' }).forEach(([key, value]) => localStorage.setItem(key, value)), [shot.lang, shot.theme]);
  const page = await context.newPage();
  await page.goto(shot.beside ? server.url + shot.beside : `${server.url}#/${shot.page}${shot.view ? `?view=${shot.view}` : (QUERIES[shot.page] ?? '')}`);
  await page.locator(shot.beside ? '[data-testid=operation]' : '[data-testid=connection][data-live=true]').first().waitFor({ state: 'attached' });
  if (shot.click) await page.locator(`[data-testid=${shot.click}]`).first().click();
  await page.waitForTimeout(SETTLE_MS);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const { impact, id, help, nodes } of violations) {
    const isGrave = GRAVE.includes(impact);
    grave += isGrave ? 1 : 0;
    process.stdout.write(`${isGrave ? '✗' : '·'} ${name}: ${impact} ${id}: ${help}; ${nodes.length} × ${nodes[0].target.join(' ')} ${isGrave ? (nodes[0].any[0]?.message ?? nodes[0].html.slice(0, 160)) : ''}\n`);
  }
  looked += 1;
  await context.close();
  server.stop();
}
await browser.close();
process.stdout.write(`${looked} pages, ${grave} serious or critical findings\n`);
process.exit(grave > 0 || looked === 0 ? 1 : 0);
