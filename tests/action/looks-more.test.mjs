// How promotes, health checks and reports look: what the committed bundle told Discord and wrote as summaries,
// drawn in a real browser. The usual deploy is in looks.test.mjs.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { channel } from '../looks/discord.mjs';
import { everywhere, readsAsMessages, readsAsSummary } from '../looks/everywhere.mjs';
import { checks, promotes, reports } from '../looks/stories.mjs';
import { drawCharts, summaryPage } from '../looks/summary.mjs';
import { noChromium, withBrowser } from '../world/browser.mjs';

const STORIES = [promotes, checks, reports];
let folder;

before(() => (folder = mkdtempSync(join(tmpdir(), 'looks-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

function written(name, html) {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, html);
  return file;
}

for (const locale of ['fr', 'en']) {
  test(`messages and summaries of promotes, checks and reports (${locale}) stand in their frames, with no markup left over`, { skip: noChromium }, async () => {
    const told = await Promise.all(STORIES.map((story) => story(locale)));
    const [news, summaries] = ['news', 'summaries'].map((of) => told.flatMap((one) => one[of]));
    const framed = news.filter(({ embeds }) => embeds.length > 0);
    const charts = summaries.filter((one) => one.includes('```mermaid'));
    const messages = written(`more-messages-${locale}`, channel(news, { locale }));
    const page = written(`more-summaries-${locale}`, summaryPage(summaries.join('\n\n'), locale));
    await withBrowser(async (browser) => {
      await everywhere(browser, messages, `more-messages-${locale}`, (opened) => readsAsMessages(opened, news.length + framed.length));
      await everywhere(browser, page, `more-summaries-${locale}`, async (opened) => {
        assert.equal(await drawCharts(opened), charts.length);
        await readsAsSummary(opened);
      });
    });
  });
}
