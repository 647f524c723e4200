// The status page in a real browser: made by the committed bundle of a past that is made up, entry by entry as
// the action writes it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axe, noChromium, open, picture, screenshots, withBrowser } from '../world/browser.mjs';
import { CLI, DAY, makePage, twoSites } from '../looks/sites.mjs';
import { writePast } from '../world/past.mjs';

const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(2)</script> '</style>`;
let folder;

before(() => (folder = mkdtempSync(join(tmpdir(), 'page-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

const make = (state, ...more) => makePage(folder, state, ...more);
const sites = (state, more = {}) => make(twoSites(folder, state, more), '--locale', more.locale ?? 'fr').file;

const calm = ({ said, asked, url }) => assert.deepEqual({ said, asked }, { said: [], asked: [url] });

test('the page is readable by everybody, and says what is live and how the sites are', () => {
  const page = sites('plain');
  assert.equal(statSync(page).mode & 0o777, 0o644);
  const text = readFileSync(page, 'utf8');
  for (const words of ['En panne', 'Tout va bien', 'PRODUCTION', 'Taux d&#39;échec des changements']) assert.ok(text.includes(words), words);
});

test('a page that cannot be written fails, and says where', () => {
  mkdirSync(join(folder, 'none'), { recursive: true });
  const args = [CLI, 'status', '--state-dir', join(folder, 'none'), '--html', '/proc/page.html'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /could not write the status page \/proc\/page\.html.*`status-page`/s);
});

test('where it was put, and where a dry run would put it, is told in the language of the terminal', () => {
  const state = join(folder, 'none');
  mkdirSync(state, { recursive: true });
  const said = (LANG, ...more) => {
    const { LC_ALL, LC_MESSAGES, ...env } = process.env;
    const args = [CLI, 'status', '--state-dir', state, '--html', join(folder, 'put.html'), ...more];
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: { ...env, LANG } }).stdout.trimEnd().split('\n').at(-1);
  };
  const place = join(folder, 'put.html').replaceAll('.', '\\.');
  assert.match(said('fr_FR.UTF-8', '--dry-run'), new RegExp(`^essai à blanc : une page d'état de \\d+ ko serait mise dans ${place}$`));
  assert.match(said('en_GB.UTF-8', '--dry-run'), new RegExp(`^dry run: a status page of \\d+ kB would be put at ${place}$`));
  assert.equal(existsSync(join(folder, 'put.html')), false);
  assert.match(said('fr_FR.UTF-8'), new RegExp(`^page d'état : ${place} \\(\\d+ ko\\)$`));
  assert.match(said('en_GB.UTF-8'), new RegExp(`^status page: ${place} \\(\\d+ kB\\)$`));
});

test('axe finds nothing, the console stays empty and nothing leaves the page, on a phone and a desk, by day and by night', { skip: noChromium }, () => withBrowser(async (browser) => {
  for (const locale of ['fr', 'en']) {
    const file = sites(`looks-${locale}`, { locale });
    for (const width of [360, 1280]) {
      for (const scheme of ['light', 'dark']) {
        const opened = await open(browser, file, { width, scheme });
        calm(opened);
        assert.deepEqual(await axe(opened.page), []);
        const overflow = await opened.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${width} px: ${overflow} px too wide`);
        const slender = await opened.page.evaluate(() => [...document.querySelectorAll('caption, td, dd, p')]
          .filter((it) => it.textContent.length > 8 && it.offsetHeight > 3 * it.offsetWidth && it.offsetWidth > 1).map((it) => it.textContent));
        assert.deepEqual(slender, [], `${width} px: text that is a letter wide`);
        await picture(opened.page, `status-${locale}-${width}-${scheme}`);
        await opened.close();
      }
    }
  }
}));

test('without JavaScript and from a web server it is the same page, and asks for nothing more', { skip: noChromium }, () => withBrowser(async (browser) => {
  const file = sites('served');
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.setHeader('content-type', 'text/html').end(readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  try {
    const url = `http://127.0.0.1:${server.address().port}/status.html`;
    const opened = await open(browser, url, { scripts: false });
    calm(opened);
    assert.deepEqual(asked.filter((path) => path !== '/favicon.ico'), ['/status.html']);
    assert.equal(await opened.page.locator('h2').count(), 2);
    await opened.close();
  } finally {
    server.close();
  }
}));

test('hostile commit messages stay text', { skip: noChromium }, () => withBrowser(async (browser) => {
  writePast(join(folder, 'hostile'), { deployments: 3, span: 3 * DAY, subject: HOSTILE });
  const { page, ...opened } = await open(browser, make('hostile').file);
  calm(opened);
  assert.equal(await page.locator('img, script, iframe').count(), 0);
  assert.ok((await page.locator('.subject').allTextContents()).includes(HOSTILE));
  await opened.close();
}));

test('on paper it is dark on light, no word is broken, and it takes a few sheets', { skip: noChromium }, () => withBrowser(async (browser) => {
  for (const locale of ['fr', 'en']) {
    const opened = await open(browser, sites(`paper-${locale}`, { locale }), { scheme: 'dark', width: 700 });
    await opened.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const { ground, broken } = await opened.page.evaluate(() => {
      const measure = document.createRange();
      const words = [...document.querySelectorAll('th, td')].filter((cell) => !cell.querySelector('.subject') && cell.offsetWidth > 1).flatMap((cell) => [...cell.childNodes].filter((node) => node.nodeType === 3)
        .flatMap((node) => [...node.data.matchAll(/\S+/g)].map(({ 0: word, index }) => {
          measure.setStart(node, index);
          measure.setEnd(node, index + word.length);
          return [word, measure.getClientRects().length];
        })));
      return { ground: getComputedStyle(document.body).backgroundColor, broken: words.filter(([, parts]) => parts > 1).map(([word]) => word) };
    });
    assert.deepEqual({ ground, broken }, { ground: 'rgb(255, 255, 255)', broken: [] });
    const pdf = await opened.page.pdf({ format: 'A4', printBackground: true, preferCSSPageSize: true });
    mkdirSync(screenshots, { recursive: true });
    writeFileSync(join(screenshots, `status-${locale}-paper.pdf`), pdf);
    const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
    assert.ok(sheets >= 2 && sheets <= 6, `${sheets} sheets`);
    calm(opened);
    await opened.close();
  }
}));

test('ten thousand deployments make a page under 500 kB', () => {
  writePast(join(folder, 'long'), { deployments: 10_000, span: 28 * DAY });
  const { file } = make('long');
  const { size } = statSync(file);
  assert.ok(size < 500_000, `${size} bytes`);
  const [, all] = /10 derniers sur (\d+)/.exec(readFileSync(file, 'utf8'));
  assert.ok(Number(all) > 11_000, `all of them are told, ${all} stays`);
});
