// Two sites with a past that is made up, entry by entry as the action writes it, and the status page that the
// committed bundle makes of them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePast } from '../world/past.mjs';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
export const DAY = 86_400_000;

/** Writes both sites' state into a folder of this name; gives the name. `now`: where their past ends. */
export function twoSites(folder, state, more = {}) {
  writePast(join(folder, state), more);
  writePast(join(folder, state), { now: more.now, name: 'prod', label: 'PRODUCTION', url: 'https://backtothefuturekitchen.example/', deployments: 9, span: 35 * DAY, down: true });
  return state;
}

/** Runs `status` over this state; gives the page's path and what was said. */
export const makePage = (folder, state, ...more) => made([], folder, state, more);

/** The same on a machine whose clock stands still at `now`: a page that is the same each time. */
export const makePageAt = (now, folder, state, ...more) =>
  made(['--import', `data:text/javascript,${encodeURIComponent(`Date.now = () => ${now}`)}`], folder, state, more);

function made(options, folder, state, more) {
  const file = join(folder, `${state}.html`);
  const args = [...options, CLI, 'status', '--state-dir', join(folder, state), '--html', file, ...more];
  const { HOME, PATH } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: { HOME, PATH, LANG: 'C.UTF-8' } });
  assert.equal(status, 0, stderr + stdout);
  return { file, stdout };
}
