// How messages, the job's summary and the status page look: what the committed bundle sent and wrote, drawn in
// a real browser. The README's pictures say what is shown today; `npm run pictures` makes them.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { channel } from '../looks/discord.mjs';
import { everywhere, readsAsMessages, readsAsSummary } from '../looks/everywhere.mjs';
import { forReadme, pictureName } from '../looks/pictures.mjs';
import { makePageAt, twoSites } from '../looks/sites.mjs';
import { drawCharts, summaryPage } from '../looks/summary.mjs';
import { noChromium, withBrowser } from '../world/browser.mjs';
import { appFiles } from '../world/app.mjs';
import { ciEnded } from '../world/scenario.mjs';
import { ci, deploy, inWorld } from './support.mjs';

const SITE = 'https://mangetamain.example.org/';
const LOG = [
  'collected 104 items', 'tests/unit/test_moyenne.py .F..', '=================================== FAILURES ===================================',
  'E       assert 11 == 12', 'E        +  where 11 = moyenne([10, 12])', 'tests/unit/test_moyenne.py:12: AssertionError',
  'FAILED tests/unit/test_moyenne.py::test_moyenne - assert 11 == 12', '##[error]Process completed with exit code 1.', '',
].join('\n');
const JOB = { name: 'tests', conclusion: 'failure', steps: [{ name: 'checkout', conclusion: 'success' }, { name: 'pytest', conclusion: 'failure' }], log: LOG };
// What was pushed, good and bad.
const SUBJECTS = {
  fr: ['Filtre des recettes par durée', 'Moyenne des notes : arrondi à l\'entier'],
  en: ['Filter recipes by their duration', 'Mean of ratings: round to an integer'],
};
let folder;

before(() => (folder = mkdtempSync(join(tmpdir(), 'looks-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Puts what the ledger tells so far so many milliseconds earlier. */
function earlier(world, ms) {
  const file = join(world.stateDir, 'preprod/ledger.jsonl');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\b1\d{12}\b/g, (at) => String(Number(at) - ms)));
}

/**
 * A good version that CI validates and a bad one that it fails, minutes later, as a CI takes them: messages as people
 * could read them, and the summary.
 */
const story = (locale) => inWorld({ inputs: { locale, url: SITE } }, async (world) => {
  const push = (version, message) => world.release({ message, files: appFiles({ ...world.app, version }) });
  const inputs = { 'health-url': world.url };
  const [better, worse] = SUBJECTS[locale];
  const first = push(2, better);
  ci(world, first, 'success');
  const good = await deploy(world, first, inputs);
  earlier(world, 1_380_000);
  const sha = push(3, worse);
  const live = await deploy(world, sha, { ...inputs, watch: 'event' });
  earlier(world, 154_000);
  const id = ci(world, sha, 'failure', { jobs: [JOB] });
  const bad = await world.runAction({ mode: 'watch', inputs, event: ciEnded(world, { sha, conclusion: 'failure' }, { id }) });
  assert.deepEqual([good, live, bad].map(({ outputs }) => outputs.result), ['validated', 'deployed', 'rolled-back'], bad.stdout);
  return { news: [...world.discord.news], summary: bad.summary };
});

function written(name, html) {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, html);
  return file;
}

const READMES = { fr: 'README.fr.md', en: 'README.md' };
// When each message was new, by what the story says of the minutes between them.
const TIMES = ['13:41', '14:04', '14:07'];
/** What the channel shows in the end: each message as it was edited last. */
const inTheEnd = (news) => [...new Map(news.map((one) => [one.id, one])).values()].map((one, number) => ({ ...one, at: TIMES[number] }));

for (const locale of ['fr', 'en']) {
  test(`messages and summary (${locale}) stand in their frames, with no markup left over`, { skip: noChromium }, async () => {
    const { news, summary } = await story(locale);
    assert.equal(news.length, 7, 'started, live, validated; started, live, rolled back as a new message and as an edit');
    const messages = written(`messages-${locale}`, channel(news, { locale }));
    const page = written(`summary-${locale}`, summaryPage(summary, locale));
    await withBrowser(async (browser) => {
      await everywhere(browser, messages, `messages-${locale}`, (opened) => readsAsMessages(opened, 14));
      await everywhere(browser, page, `summary-${locale}`, async (opened) => {
        assert.equal(await drawCharts(opened), 1);
        await readsAsSummary(opened);
      });
      const last = written(`message-${locale}`, channel(inTheEnd(news), { locale }));
      await forReadme(browser, last, 'message', { locale, width: 640 });
      await forReadme(browser, page, 'summary', { locale, width: 800, look: drawCharts });
    });
  });
}

// A Saturday morning: of the week that is drawn, all but a few hours are over.
const PICTURED = Date.UTC(2026, 10, 28, 10, 27);

test('the README has pictures of the message, the summary and the status page, in words too', { skip: noChromium }, () => withBrowser(async (browser) => {
  for (const [locale, readme] of Object.entries(READMES)) {
    const { file } = makePageAt(PICTURED, folder, twoSites(folder, `pictured-${locale}`, { now: PICTURED }), '--locale', locale);
    await forReadme(browser, file, 'status-page', { locale, width: 900, last: '.legend + p', fixed: true });
    const text = readFileSync(new URL(`../../${readme}`, import.meta.url), 'utf8');
    for (const name of ['message', 'summary', 'status-page'].map((what) => pictureName(what, locale))) {
      assert.match(text, new RegExp(`!\\[[^\\]]{20,}\\]\\(docs/${name}\\)`), `${readme}: ${name}`);
    }
  }
}));
