// The README's pictures, in docs/, and what each of them says, in pictures.json beside this file: a picture cannot be
// compared with what is shown today, its text can.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const TEXTS = fileURLToPath(new URL('pictures.json', import.meta.url));
const MAKE = process.env.MANGETAMAIN_PICTURES === '1';
const LARGEST = 200_000;
const MEND = '`npm run pictures` makes it anew';

export const pictureName = (what, locale) => (locale === 'en' ? `${what}.png` : `${what}.${locale}.png`);

/** A line without what is another one each time: commits, runs of CI, times that were taken, counts in a table. */
const plain = (line) => [
  [/\b[0-9a-f]{7}\b/g, 'SHA'], [/(?<=\/runs\/)\d+/g, 'N'], [/\d+(?:[.,]\d+)? (?:ms|s|min)\b(?: \d+ s\b)?/g, 'SPAN'], [/^\d+$/, 'N'],
].reduce((text, [pattern, word]) => text.replace(pattern, word), line);

/** In the page: its lines of text above `end`, block by block. An axis has as many ticks as its run took time. */
function linesAbove(end) {
  const lines = [];
  let [block, text] = [null, ''];
  const finish = () => {
    lines.push(...text.split('\n').map((line) => line.trim()));
    text = '';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeName === 'BR') finish();
    if (node.nodeType !== Node.TEXT_NODE || node.parentElement.closest('style, .tick')) continue;
    let box = node.parentElement;
    while (getComputedStyle(box).display.startsWith('inline')) box = box.parentElement;
    const { top, width } = box.getBoundingClientRect();
    if (top >= end || width <= 1 || !box.checkVisibility()) continue;
    if (box !== block) finish();
    block = box;
    text += getComputedStyle(box).whiteSpace.startsWith('pre') ? node.data : node.data.replace(/\s+/g, ' ');
  }
  finish();
  return lines.filter(Boolean);
}

/** In the page: where the picture ends, below what is there or below the first element of this selector. */
const endOf = (last) => (last ? Math.ceil(document.querySelector(last).getBoundingClientRect().bottom) + 16 : document.documentElement.scrollHeight);

/** In the page: whether an emoji has colours here, and is no empty frame. */
function drawsEmoji() {
  const brush = document.createElement('canvas').getContext('2d');
  brush.fillText('✅', 0, 20);
  const { data } = brush.getImageData(0, 0, 40, 40);
  return data.some((red, at) => at % 4 === 0 && Math.abs(red - data[at + 1]) > 40);
}

const hashOf = (name) => createHash('sha256').update(readFileSync(join(DOCS, name))).digest('hex');

function keep(name, text) {
  const { size } = statSync(join(DOCS, name));
  assert.ok(size <= LARGEST, `docs/${name}: ${size} bytes`);
  const all = { ...JSON.parse(readFileSync(TEXTS, 'utf8')), [name]: { sha256: hashOf(name), text } };
  const sorted = Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)));
  writeFileSync(TEXTS, `${JSON.stringify(sorted, null, 2)}\n`);
}

function compare(name, text) {
  const kept = JSON.parse(readFileSync(TEXTS, 'utf8'))[name];
  assert.equal(hashOf(name), kept?.sha256, `docs/${name} is not the picture that pictures.json tells of: ${MEND}`);
  const only = (mark, lines, others) => lines.filter((line) => !others.includes(line)).map((line) => `${mark} ${line}`);
  const differences = [...only('-', kept.text, text), ...only('+', text, kept.text)].join('\n') || 'the order';
  assert.ok(kept.text.join('\n') === text.join('\n'), `docs/${name} shows what nobody is shown today: ${MEND}\n${differences}`);
}

/**
 * The README's picture of a page: by `npm run pictures` it is made, small enough for a page that is read on the way; else
 * what it says is compared with what the page says now. `fixed`: nothing in the page is another one each time.
 */
export async function forReadme(browser, file, what, { locale, width, last, fixed = false, look = () => {} }) {
  const name = pictureName(what, locale);
  // A page is never less high than its window.
  const context = await browser.newContext({ viewport: { width, height: 100 }, deviceScaleFactor: 1.25, locale });
  const page = await context.newPage();
  await page.goto(`file://${file}`);
  await look(page);
  const end = await page.evaluate(endOf, last);
  const lines = await page.evaluate(linesAbove, end);
  const text = fixed ? lines : lines.map(plain);
  if (MAKE) {
    assert.ok(await page.evaluate(drawsEmoji), 'no font with emoji here (apt-get install fonts-noto-color-emoji)');
    await page.screenshot({ path: join(DOCS, name), clip: { x: 0, y: 0, width, height: end }, fullPage: true });
    keep(name, text);
  }
  await context.close();
  compare(name, text);
}
