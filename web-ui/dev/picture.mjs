// A picture of a running gateway's page: `node dev/picture.mjs http://127.0.0.1:8080/ OUT.png [PAGE] [zh|en] [WIDTHxHEIGHT]`.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [url, out, tab = 'overview', lang = 'en', size = '1440x900'] = process.argv.slice(2);
if (!url || !out) throw new Error('give the address of the page and the file to write');
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const [width, height] = size.split('x').map(Number);

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width, height }, timezoneId: 'Asia/Shanghai' });
await context.addInitScript((locale) => localStorage.setItem('davy.locale', locale), lang);
const page = await context.newPage();
await page.goto(`${url}#/${tab}`);
await page.locator('[data-testid=connection][data-live=true]').waitFor({ state: 'attached' });
await page.waitForTimeout(1_500);
await page.screenshot({ path: out });
await browser.close();
