// The status page of ten thousand deployments: how large, how fast it is made, how fast it is drawn.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawn, noChromium, open, withBrowser } from '../world/browser.mjs';
import { writePast } from '../world/past.mjs';
import { leftOut, limited, median, node, timed, times } from './table.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const DEPLOYMENTS = 10_000;

export async function page(folder) {
  const state = join(folder, 'state-page');
  writePast(state, { deployments: DEPLOYMENTS, span: 28 * 86_400_000 });
  const file = join(folder, 'status.html');
  const { NODE_EXTRA_CA_CERTS, ...env } = process.env;
  const make = () => timed(node, [CLI, 'status', '--state-dir', state, '--html', file], { env, cwd: folder });
  make();
  const n = times(7, 3);
  const all = Array.from({ length: n }, make);
  const ledger = `${(statSync(join(state, 'preprod/ledger.jsonl')).size / 1e6).toFixed(0)} MB of ledger`;
  const what = `status page of ${DEPLOYMENTS.toLocaleString('en')} deployments`;
  limited(`${what}: made`, { ours: median(all), limit: 1000, reference: ledger, n });
  limited(`${what}: size`, { ours: statSync(file).size / 1000, limit: 500, unit: 'kB' });
  if (noChromium) return leftOut(`${what}: drawn`, noChromium);
  await withBrowser(async (browser) => {
    const took = [];
    for (let at = 0; at < n; at += 1) {
      const opened = await open(browser, file);
      took.push(await drawn(opened.page));
      await opened.close();
    }
    limited(`${what}: drawn by Chromium`, { ours: median(took), limit: 1000, n });
  });
}
