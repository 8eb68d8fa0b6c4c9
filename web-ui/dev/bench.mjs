// How the list of alarms fares with a thousand active and fifty changes a second, in a real browser: `npm run bench [-- SECONDS]`
// prints frames a second, the longest frames, memory and drawn elements, and fails where that is no calm list any more.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { start } from './fixture-server.mjs';

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const SECONDS = Number(process.argv[2] ?? 20);
/** Bounds far from what a quiet machine does, so that only a mistake fails. */
const ELEMENTS_MAX = 12_000;
const GROWTH_MB_MAX = 40;

/** In the page: the lengths of the frames of some seconds, in milliseconds. */
const frames = (ms) => new Promise((resolve) => {
  const [lengths, begin] = [[], performance.now()];
  let last = begin;
  const frame = (at) => {
    lengths.push(at - last);
    last = at;
    if (at - begin < ms) requestAnimationFrame(frame);
    else resolve(lengths.slice(1));
  };
  requestAnimationFrame(frame);
});

function said(name, lengths) {
  const sorted = [...lengths].sort((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const sum = lengths.reduce((one, other) => one + other, 0);
  const row = { phase: name, fps: Math.round((lengths.length / sum) * 10_000) / 10, p50_ms: at(0.5).toFixed(1), p99_ms: at(0.99).toFixed(1), longest_ms: at(1).toFixed(1) };
  process.stdout.write(`${JSON.stringify(row)}\n`);
  return row;
}

const server = await start('busy');
const browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info', '--js-flags=--expose-gc'] });
const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
const devtools = await page.context().newCDPSession(page);
await devtools.send('Performance.enable');
const memory = async () => {
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return { heap_mb: Math.round(of('JSHeapUsedSize') / 1e5) / 10, elements: of('Nodes') };
};
await page.goto(`${server.url}#/alarms`);
await page.locator('[data-testid=alarm]').first().waitFor();
await page.waitForTimeout(2_000);
const rows = await page.evaluate(() => [document.querySelector('[data-testid=alarm-list]').dataset.rows, document.querySelectorAll('[data-testid=alarm]').length]);
const before = await memory();
said('watching', await page.evaluate(frames, SECONDS * 500));
const wheel = (async () => {
  await page.mouse.move(600, 500);
  for (let turn = 0; turn < SECONDS * 8; turn += 1) {
    await page.mouse.wheel(0, turn < SECONDS * 4 ? 700 : -700);
    await page.waitForTimeout(50);
  }
})();
said('scrolling', await page.evaluate(frames, SECONDS * 500));
await wheel;
const after = await memory();
process.stdout.write(`${JSON.stringify({ alarms: Number(rows[0]), rows_drawn: rows[1], before, after })}\n`);
await browser.close();
server.stop();
const isWrong = after.elements > ELEMENTS_MAX || rows[1] > 100 || after.heap_mb - before.heap_mb > GROWTH_MB_MAX;
process.exit(isWrong ? 1 : 0);
