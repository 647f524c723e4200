// A real Chromium for pages of ours: what it complains of, what leaves the page, what axe finds, how it
// looks and how long it takes to draw.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const places = [process.env.MANGETAMAIN_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Chromium stands; nothing where it is not here. */
export const chromiumPath = places.find((place) => place && existsSync(place));
/** Why a test that needs it is left out; false where it is here. */
export const noChromium = chromiumPath ? false : 'Chromium is not here (apt-get install chromium)';
/** Where screenshots go. */
export const screenshots = process.env.MANGETAMAIN_SCREENSHOTS ?? join(tmpdir(), 'mangetamain-screenshots');

/** Starts the browser, hands it to `work`, and ends it whatever happens. */
export async function withBrowser(work) {
  const { chromium } = require('playwright-core');
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** Opens a file or an address: the page, what was said on its console, and what it asked for. */
export async function open(browser, place, { width = 1280, scheme = 'light', scripts = true } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: scripts, locale: 'fr-FR' });
  const page = await context.newPage();
  const [said, asked] = [[], []];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  const url = /^https?:/.test(place) ? place : pathToFileURL(place).href;
  await page.goto(url, { waitUntil: 'load' });
  return { page, said, asked, url, close: () => context.close() };
}

/** What axe finds against WCAG 2.2 AA and its own good practice, one line each. */
export async function axe(page) {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help} - ${node.target} ${node.html.slice(0, 120)}`));
}

/** A picture of the whole page, kept outside the repository; gives its path. */
export async function picture(page, name) {
  mkdirSync(screenshots, { recursive: true });
  const path = join(screenshots, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}

/** Milliseconds from the beginning of the navigation to the first and to the last picture drawn. */
export const drawn = (page) =>
  page.evaluate(() => new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
  }));
