// The pictures of README and handbook, of the real gateway with the simulated plant: `node dev/pictures.mjs http://127.0.0.1:8080/ FOLDER`.
// Waits until gas rises where people stand, and takes every page that the handbook shows, in the sizes of a panel beside the lamp, a
// laptop and a screen of a control room.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [url, folder] = process.argv.slice(2);
if (!url || !folder) throw new Error('give the address of a running `davy demo` and the folder for the pictures');
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
/** Once round the story of the demo, with some to spare. */
const STORY_MS = 300_000;
const SETTLE_MS = 1_500;
const SIZES = { '': [1440, 900], '-1024x600': [1024, 600], '-1280x800': [1280, 800], '-1920x1080': [1920, 1080] };
const PICTURES = [
  { name: 'overview', page: 'overview', lang: 'en', sizes: [''] },
  { name: 'overview-zh', page: 'overview', lang: 'zh', sizes: ['-1024x600', '-1280x800', '-1920x1080'] },
  { name: 'alarms-zh', page: 'alarms', lang: 'zh', sizes: ['-1024x600', '-1280x800', '-1920x1080'] },
  { name: 'alarms', page: 'alarms', lang: 'en', sizes: ['-1280x800'] },
];

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

async function open(lang, page, [width, height]) {
  const context = await browser.newContext({ viewport: { width, height }, timezoneId: 'Asia/Shanghai' });
  await context.addInitScript((locale) => localStorage.setItem('davy.locale', locale), lang);
  const opened = await context.newPage();
  await opened.goto(`${url}#/${page}`);
  await opened.locator('[data-testid=connection][data-live=true]').waitFor({ state: 'attached' });
  return opened;
}

const watch = await open('en', 'overview', SIZES['']);
await watch.locator('[data-testid=warning][data-colour=red]').first().waitFor({ timeout: STORY_MS });
for (const { name, page, lang, sizes } of PICTURES) {
  for (const size of sizes) {
    const opened = await open(lang, page, SIZES[size]);
    await opened.waitForTimeout(SETTLE_MS);
    await opened.screenshot({ path: join(folder, `${name}${size}.png`) });
    await opened.context().close();
  }
}
await browser.close();
