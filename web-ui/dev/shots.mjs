// Pictures of every page, to be looked at by people: `npm run build && npm run shots [-- PART]` writes `shots/*.png`; PART narrows
// them to names that contain it. Fails when the page throws, speaks to another host or is wider than the screen.

import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { start } from './fixture-server.mjs';

const OUT = fileURLToPath(new URL('../shots/', import.meta.url));
const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const SIZES = { panel: [1280, 800], screen: [1920, 1080], small: [1024, 600], phone: [390, 844] };
const PAGES = ['overview', 'alarms', 'tasks', 'values', 'trends', 'sources', 'people', 'indicators', 'rules', 'commissioning', 'journal', 'system'];
/** What a page is asked for, where it shows nothing by itself. */
const QUERIES = { trends: '?tag=LT-1101&tag=TT-1102&tag=GT-1105&span=1h' };
/** The reference of the interface, which is a page beside this one. */
const REFERENCE = { begin: '', operation: '#GET /api/v1/rules', body: '#POST /api/v1/config/check', schema: '#schema/EvidencePacket' };
const DEAD_WAIT_MS = 20_000;
const SETTLE_MS = 2_300;

const [part = ''] = process.argv.slice(2);
const troubles = [];

function* plan() {
  for (const size of Object.keys(SIZES)) {
    for (const scene of ['calm', 'gas', 'worst']) yield { size, scene, page: 'overview', lang: 'zh', theme: 'light' };
    for (const page of PAGES.slice(1)) yield { size, scene: 'worst', page, lang: 'zh', theme: 'light' };
    for (const page of PAGES) yield { size, scene: 'worst', page, lang: 'en', theme: 'dark' };
    yield { size, scene: 'calm', page: 'overview', lang: 'en', theme: 'dark' };
    yield { size, scene: 'worst', page: 'overview', lang: 'zh', theme: 'contrast' };
    yield { size, scene: 'empty', page: 'overview', lang: 'zh', theme: 'light' };
    yield { size, scene: 'calm', page: 'alarms', lang: 'zh', theme: 'dark' };
    yield { size, scene: 'calm', page: 'tasks', lang: 'en', theme: 'light' };
    yield { size, scene: 'worst', page: 'overview', lang: 'zh', theme: 'light', dead: true };
    yield { size, scene: 'worst', page: 'tasks', lang: 'zh', theme: 'light', dialog: 'finish' };
    yield { size, scene: 'worst', page: 'overview', lang: 'en', theme: 'light', dialog: 'operator' };
    for (const [lang, theme] of [['zh', 'light'], ['en', 'dark']]) {
      for (const entry of ['nobody', 'setup', 'refused', 'over']) yield { size, scene: 'worst', page: 'overview', lang, theme, entry };
      yield { size, scene: 'worst', page: 'alarms', lang, theme, entry: 'idle', dialog: 'again' };
      for (const entry of ['viewer', 'operator', 'panel']) yield { size, scene: 'worst', page: 'alarms', lang, theme, entry };
      yield { size, scene: 'worst', page: 'system', lang, theme, entry: 'viewer', part: 'versions' };
      for (const part of ['health', 'logs', 'files', 'updates', 'access']) yield { size, scene: 'worst', page: 'system', lang, theme, entry: 'administrator', part };
      yield { size, scene: 'worst', page: 'system', lang, theme, entry: 'administrator', part: 'access', dialog: 'token' };
      yield { size, scene: 'worst', page: 'journal', lang, theme, list: 'audit' };
      yield { size, scene: 'worst', page: 'system', lang, theme, entry: 'operator' };
      yield { size, scene: 'worst', page: 'system', lang, theme, entry: 'administrator', part: 'access', dialog: 'user' };
      yield { size, scene: 'worst', page: 'sources', lang, theme, dialog: 'trust' };
      yield { size, scene: 'worst', page: 'sources', lang, theme, list: 'certificates' };
      yield { size, scene: 'worst', page: 'people', lang, theme, list: 'muster' };
      yield { size, scene: 'busy', page: 'alarms', lang, theme };
      yield { size, scene: 'worst', page: 'alarms', lang, theme, dialog: 'keys' };
      yield { size, scene: 'worst', page: 'overview', lang, theme, list: 'picked' };
      yield { size, scene: 'worst', page: 'alarms', lang, theme, list: 'hidden' };
      yield { size, scene: 'worst', page: 'alarms', lang, theme, list: 'health' };
      yield { size, scene: 'gas', page: 'trends', lang, theme, list: 'gap' };
      yield { size, scene: 'calm', page: 'trends', lang, theme, list: 'week' };
      yield { size, scene: 'gas', page: 'journal', lang, theme, list: 'row' };
      yield { size, scene: 'worst', page: 'tasks', lang, theme, list: 'why' };
      yield { size, scene: 'worst', page: 'sources', lang, theme, list: 'parked' };
      yield { size, scene: 'worst', page: 'sources', lang, theme, list: 'progress' };
      yield { size, scene: 'worst', page: 'sources', lang, theme, list: 'quarantine' };
      yield { size, scene: 'calm', page: 'rules', lang, theme, list: 'rule' };
      yield { size, scene: 'calm', page: 'rules', lang, theme, list: 'history' };
      yield { size, scene: 'worst', page: 'tasks', lang, theme, dialog: 'attach' };
      yield { size, scene: 'worst', page: 'alarms', lang, theme, dialog: 'hide' };
      yield { size, scene: 'worst', page: 'overview', lang, theme, dialog: 'stop' };
      for (const view of ['points', 'coverage', 'loops', 'files', 'versions', 'what_if']) yield { size, scene: 'gas', page: 'commissioning', lang, theme, view };
      for (const [view, dialog] of [['sources', 'add-source'], ['sources', 'open-set-source'], ['points', 'open-point'], ['loops', 'check-loop']]) yield { size, scene: 'gas', page: 'commissioning', lang, theme, view, dialog };
      for (const [view, list] of [['files', 'wrong'], ['versions', 'version'], ['what_if', 'played']]) yield { size, scene: 'gas', page: 'commissioning', lang, theme, view, list };
      yield { size, scene: 'gas', page: 'commissioning', lang, theme, list: 'look' };
      yield { size, scene: 'empty', page: 'commissioning', lang, theme };
      for (const [list, beside] of Object.entries(REFERENCE)) yield { size, scene: 'calm', page: 'reference', lang, theme, list, beside };
    }
  }
}

const nameOf = ({ size, scene, page, lang, theme, dead, entry, view, part: of, dialog, list }) => [size, page, scene, lang, theme, dead && 'dead', entry, view, of, dialog, list].filter(Boolean).join('-');

async function shoot(browser, shot) {
  const entry = { refused: 'nobody', over: 'operator' }[shot.entry] ?? shot.entry;
  const server = await start(shot.scene, 0, entry);
  const [width, height] = SIZES[shot.size];
  const context = await browser.newContext({ viewport: { width, height }, hasTouch: shot.size !== 'screen', isMobile: shot.size === 'phone', locale: shot.lang === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai' });
  const storage = { 'davy.locale': shot.lang, 'davy.theme': shot.theme, 'davy.operator': shot.dialog === 'operator' ? '' : '陈志远' };
  await context.addInitScript((entries) => Object.entries(entries).forEach(([key, value]) => localStorage.setItem(key, value)), storage);
  const page = await context.newPage();
  const note = (what) => troubles.push(`${nameOf(shot)}: ${what}`);
  page.on('pageerror', (error) => note(error));
  page.on('console', (message) => message.text().includes('Content Security Policy') && note(message.text()));
  page.on('request', (request) => request.url().startsWith(server.url) || note(`asks ${request.url()}`));
  await page.goto(shot.page === 'reference' ? `${server.url}reference${shot.beside}` : `${server.url}#/${shot.page}${shot.view ? `?view=${shot.view}` : shot.part ? `?part=${shot.part}` : (QUERIES[shot.page] ?? '')}`);
  const isOut = ['nobody', 'setup', 'refused'].includes(shot.entry);
  const there = shot.page === 'reference' ? '[data-testid=operation]' : isOut ? '[data-testid=entrance]' : '[data-testid=connection][data-live=true]';
  await page.locator(there).first().waitFor({ state: 'attached' });
  await page.waitForTimeout(SETTLE_MS);
  if (shot.entry === 'refused') await refused(page);
  if (shot.entry === 'over') server.become('nobody');
  if (shot.entry === 'over') await page.locator('[data-testid=entrance]').waitFor();
  if (shot.dialog === 'again') await page.locator('[data-testid=acknowledge]').first().click();
  if (shot.dialog === 'again') await page.locator('[data-testid=again-password]').waitFor();
  if (shot.dialog === 'token') await page.locator('[data-testid=add-token]').click();
  if (shot.dialog === 'token') await page.locator('[data-testid=scopes-some]').click();
  if (shot.list === 'audit') await page.locator('[data-testid=kind-audit]').click();
  if (shot.dialog === 'user') await page.locator('[data-testid=add-user]').click();
  if (shot.dialog === 'finish') await page.locator('[data-testid=finish]').first().click();
  if (shot.list === 'health') await page.locator('[data-testid=filter-health]').click();
  if (shot.list === 'rule') await page.locator('[data-testid=rule] button').nth(1).click();
  if (shot.list === 'history') await page.locator('[data-testid=rules-history]').click();
  if (shot.dialog === 'attach') await page.locator('[data-testid=attach]').first().click();
  if (shot.list === 'muster') await page.locator('[data-testid=muster]').click();
  if (shot.list === 'picked') await page.locator('[data-testid=map-zone][data-id="Z-07"] .name').click();
  if (shot.dialog === 'keys') await page.keyboard.press('?');
  if (shot.list === 'hidden') await page.locator('[data-testid=filter-hidden]').click();
  if (shot.dialog === 'hide') await page.locator('[data-testid=hide]').first().click();
  if (shot.dialog === 'trust') await page.locator('[data-testid=trust]').first().click();
  if (shot.list === 'certificates') await page.locator('[data-testid=certificates]').scrollIntoViewIfNeeded();
  if (['add-source', 'open-set-source', 'open-point', 'check-loop'].includes(shot.dialog)) await page.locator(`[data-testid=${shot.dialog}]`).first().click();
  if (shot.list === 'version') await page.locator('[data-testid=version] .row').nth(1).click();
  if (shot.list === 'wrong') await wrong(page);
  if (shot.list === 'played') await played(page);
  if (shot.list === 'look') await page.locator('[data-testid=look]').first().click();
  if (shot.dialog === 'stop') await page.locator('[data-testid=stop]').click();
  if (shot.dialog === 'operator') await page.locator('[data-testid=acknowledge-all]').first().click();
  if (shot.list === 'gap') await intoTheGap(page);
  if (shot.list === 'week') await page.locator('[data-testid=span-1d]').click();
  if (shot.list === 'row') await page.locator('[data-testid=journal-row][data-kind=alarm] button').last().click();
  if (shot.list === 'why') await page.locator('[data-testid=hazard] [data-testid=why]').first().click();
  if (shot.list === 'why') await page.locator('[data-testid=chain] [data-testid=journal-row]').first().waitFor();
  if (shot.list === 'parked') await page.locator('[data-testid=show-parked]').first().click();
  if (shot.list === 'parked') await page.locator('[data-testid=parked-row]').first().scrollIntoViewIfNeeded();
  if (shot.list === 'progress') await page.locator('[data-testid=show-progress]').first().click();
  if (shot.list === 'progress') await page.locator('[data-testid=uplink-progress] figure').first().scrollIntoViewIfNeeded();
  if (shot.list === 'quarantine') await page.locator('[data-testid=show-quarantine]').first().click();
  if (shot.list === 'quarantine') await page.locator('[data-testid=quarantined]').last().scrollIntoViewIfNeeded();
  if (shot.list) await page.waitForTimeout(600);
  if (shot.dead) {
    server.stop();
    await page.locator('[data-testid=lost]').waitFor({ timeout: DEAD_WAIT_MS });
  }
  for (const wide of await page.evaluate(overflowing, width)) note(`is too wide: ${wide}`);
  await page.screenshot({ path: `${OUT}${nameOf(shot)}.png` });
  await context.close();
  server.stop();
}

/** A text that is wrong, and what the gateway says of it. */
async function wrong(page) {
  const editor = page.locator('[data-testid=editor]');
  await editor.fill((await editor.inputValue()).replace('Aes256_Sha256_RsaPss', 'wrong'));
  await page.locator('[data-testid=file-check]').click();
  await page.locator('[data-testid=finding]').first().click();
}

/** Another limit, played. */
async function played(page) {
  await page.locator('[data-testid=what-if-rule]').selectOption({ index: 1 });
  await page.locator('[data-testid=what-if-limit]').fill('42');
  await page.locator('[data-testid=what-if-week]').click();
  await page.locator('[data-testid=what-if-ask]').click();
  await page.locator('[data-testid=what-if-result]').waitFor();
}

/** Too many wrong passwords. */
async function refused(page) {
  await page.locator('[data-testid=login-name]').fill('陈静');
  await page.locator('[data-testid=login-password]').fill('wait');
  await page.locator('[data-testid=send]').click();
  await page.locator('[data-testid=wait]').waitFor();
}

/** Puts the cursor of a trend into the middle of its gap. */
async function intoTheGap(page) {
  const box = await page.locator('[data-testid=trend-chart] .u-over').boundingBox();
  await page.mouse.move(box.x + box.width * (1 - 19.5 / 60), box.y + box.height / 3);
}

/** In the page: what sticks out of the screen or out of its box. */
function overflowing(width) {
  // The tabs of a phone can be pushed aside.
  const isPushed = (element) => element.closest('nav') !== null && document.querySelector('nav').scrollWidth > width;
  const isCut = (element) => element !== null && (getComputedStyle(element).textOverflow === 'ellipsis' || isCut(element.parentElement));
  const sticks = [...document.querySelectorAll('main *, header *, nav *')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && (box.left < -1 || box.right > width + 1) && !element.closest('.visually-hidden') && !isCut(element) && !isPushed(element);
  });
  return sticks.slice(0, 4).map((element) => `${element.tagName}.${element.className} ${element.textContent.slice(0, 40)}`);
}

if (!PROGRAM) {
  process.stderr.write('chromium is missing: run scripts/setup.sh\n');
  process.exit(1);
}
await mkdir(OUT, { recursive: true });
const browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--disable-gpu'] });
for (const shot of plan()) if (nameOf(shot).includes(part)) await shoot(browser, shot);
await browser.close();
if (troubles.length > 0) {
  process.stderr.write(`${troubles.join('\n')}\n`);
  process.exit(1);
}
