// Pages looked at as people have them: on a phone and a desk, by day and by night. What no page of ours may
// have is looked for here; what it says is for the test that made it.
import assert from 'node:assert/strict';
import { axe, open, picture } from '../world/browser.mjs';

const tooWide = () => [document.documentElement, ...document.querySelectorAll('.embed, .embed *')]
  .filter((it) => it.scrollWidth > Math.ceil(it.clientWidth) && it.clientWidth > 0).map((it) => `${it.tagName} ${it.scrollWidth} > ${it.clientWidth}`);

/** Opens a page in each width and scheme, looks whether all is well with it, and hands it on. */
export async function everywhere(browser, file, name, look = () => {}) {
  for (const width of [360, 1280]) {
    for (const scheme of ['light', 'dark']) {
      const { page, said, asked, url, close } = await open(browser, file, { width, scheme });
      await look(page);
      assert.deepEqual({ said, asked }, { said: [], asked: [url] });
      assert.deepEqual(await axe(page), []);
      assert.deepEqual(await page.evaluate(tooWide), [], `${name} at ${width} px`);
      await picture(page, `${name}-${width}-${scheme}`);
      await close();
    }
  }
}

/** No markup of Discord's is left over in these messages. */
export async function readsAsMessages(page, count) {
  const texts = await page.locator('.content, .description').allInnerTexts();
  assert.equal(texts.length, count);
  for (const text of texts) assert.doesNotMatch(text, /\*\*|```|\]\(|\\[^\w\s]|<https?:/);
}

/** No Markdown is left over in a summary. */
export async function readsAsSummary(page) {
  assert.doesNotMatch(await page.locator('main').innerText(), /\*\*|```|\|\s*---|\\[^\w\s]/);
}
