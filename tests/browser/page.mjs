// A headless Chromium on the gateway's page, driven by a test: one JSON request a line on standard input, one answer a line
// on standard output. The browser is far from the site, whose local time the page must tell. The requests are few, and each waits for its condition by itself.
import { X509Certificate, createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web-ui/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const WAIT_MS = 60_000;
const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

if (!program) {
  process.stderr.write('chromium is missing: run scripts/setup.sh\n');
  process.exit(1);
}
const trusted = process.argv[2];
const pin = (file) => {
  const key = new X509Certificate(readFileSync(file)).publicKey.export({ type: 'spki', format: 'der' });
  return `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`;
};
const browser = await chromium.launch({
  executablePath: program,
  args: ['--no-sandbox', '--disable-gpu', ...(trusted ? [pin(trusted)] : [])],
});
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'America/New_York' })).newPage();
page.setDefaultTimeout(WAIT_MS);
const troubles = [];
page.on('pageerror', (error) => troubles.push(String(error)));
// What the content security policy forbids is said on the console alone.
page.on('console', (message) => message.text().includes('Content Security Policy') && troubles.push(message.text()));

const requests = {
  open: ({ url }) => page.goto(url, { waitUntil: 'domcontentloaded' }),
  visible: ({ at }) => page.locator(at).first().waitFor({ state: 'visible' }),
  hidden: ({ at }) => page.locator(at).first().waitFor({ state: 'hidden' }),
  attribute: async ({ at, name }) => ({ value: await page.locator(at).first().getAttribute(name) }),
  text: async ({ at }) => ({ value: await page.locator(at).first().innerText() }),
  count: async ({ at }) => ({ value: await page.locator(at).count() }),
  click: ({ at }) => page.locator(at).first().click(),
  fill: ({ at, value }) => page.locator(at).first().fill(value),
  select: ({ at, value }) => page.locator(at).first().selectOption(value),
  upload: ({ at, path }) => page.locator(at).first().setInputFiles(path),
  press: ({ at, key }) => page.locator(at).first().press(key),
  evaluate: async ({ code }) => ({ value: await page.evaluate(code) }),
  screenshot: async ({ path }) => void (await page.screenshot({ path })),
  troubles: () => ({ value: troubles }),
};

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...request } = JSON.parse(line);
  try {
    const answer = await requests[op](request);
    say({ ok: true, value: answer && 'value' in answer ? answer.value : null });
  } catch (error) {
    say({ ok: false, error: String(error) });
  }
}
await browser.close();
