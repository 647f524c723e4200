// The job's summary as GitHub shows one: GitHub's markdown by a library, Mermaid's charts by Mermaid, and a
// style of our own that is close to GitHub's.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { marked } from 'marked';

const require = createRequire(import.meta.url);
const STYLE = `
:root { --ground: #fff; --text: #1f2328; --line: #d1d9e0; --soft: #f6f8fa; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #f0f6fc; --line: #3d444d; --soft: #151b23; --link: #6cb6ff; } }
body { margin: 0; padding: 16px 24px; background: var(--ground); color: var(--text); font: 14px/21px -apple-system, "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
main { max-width: 860px; }
a { color: var(--link); }
h1, h2, h3, h4 { margin: 16px 0 12px; font-weight: 600; line-height: 1.25; } h1 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } h2 { font-size: 16px; } h3 { font-size: 18px; } h4 { font-size: 15px; }
code, pre { border-radius: 6px; background: var(--soft); font: 12px/18px "DejaVu Sans Mono", monospace; } code { padding: 2px 5px; } pre { padding: 12px; overflow: auto; } pre code { padding: 0; }
table { display: block; width: max-content; max-width: 100%; overflow: auto; border-collapse: collapse; margin: 12px 0; } th, td { padding: 5px 12px; border: 1px solid var(--line); } tr:nth-child(2n) { background: var(--soft); }
.mermaid { overflow: auto; background: #fff; color: #1f2328; border-radius: 6px; }`;

/** The page; charts are drawn once it has been opened, by {@link drawCharts}. */
export function summaryPage(markdown, locale = 'fr') {
  const html = marked.parse(markdown, { gfm: true, async: false });
  const drawn = html.replace(/<pre><code class="language-mermaid">([^]*?)<\/code><\/pre>/g, '<div class="mermaid">$1</div>').replaceAll('<pre>', '<pre tabindex="0">').replaceAll('<table>', '<table tabindex="0">');
  return `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Summary</title><style>${STYLE}</style></head><body><main><h1>CD Preprod</h1><h2>preprod summary</h2>${drawn}</main></body></html>`;
}

/** Has Mermaid draw the charts of an opened page; gives how many it drew. */
export async function drawCharts(page) {
  await page.addScriptTag({ content: readFileSync(require.resolve('mermaid/dist/mermaid.min.js'), 'utf8') });
  return page.evaluate(async () => {
    window.mermaid.initialize({ startOnLoad: false, gantt: { useMaxWidth: true } });
    await window.mermaid.run();
    return document.querySelectorAll('.mermaid svg').length;
  });
}
