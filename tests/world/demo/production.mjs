// The demo's second act: production, in a clone of its own. A commit that CI did not validate is refused,
// one that it did is promoted, and a release that only breaks in production is undone, files and all.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { composeFile, freePort } from '../app.mjs';
import { git } from '../git.mjs';
import { until } from '../scenario.mjs';
import { bold, dim, rule, say, seconds, yellow } from './screen.mjs';
import { startTimeline } from './timeline.mjs';

const COMPOSE = 'docker-compose-prod.yml';
const PUBLISH = '#!/bin/sh\n# Fills what production serves; git does not look after it.\nmkdir -p live\ncp www/* live/\n';
/** Runs in production only, so that neither CI nor preprod can find fault with it. */
const BROKEN = PUBLISH.replace('cp www/* live/', 'rm -f live/*\n: > live/index.html');

let port;

/** What production adds to the repository's first commit. */
export async function productionFiles() {
  port = await freePort();
  return { 'publish.sh': PUBLISH, [COMPOSE]: composeFile({ port }).replace('./www', './live') };
}

/** Production as it runs before anybody promotes: {folder, url, live, inputs, close}. */
export async function openProduction(world) {
  const folder = join(world.root, `prod-${world.root.slice(-8)}`);
  world.repository.clone(folder);
  git(folder, 'reset', '-q', '--hard', world.first);
  execFileSync('sh', ['publish.sh'], { cwd: folder });
  world.engine.compose(folder, '-f', COMPOSE, 'up', '-d');
  const url = `http://127.0.0.1:${port}/`;
  const live = async () => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2000), headers: { connection: 'close' } });
      return { status: answer.status, body: (await answer.text()).trim() };
    } catch {
      return { status: 0, body: '' };
    }
  };
  const inputs = {
    environment: 'prod', label: 'PRODUCTION', 'app-path': folder, 'compose-file': join(folder, COMPOSE), url, 'health-contains': 'version',
    'health-attempts': '3', 'health-interval': '200ms', 'health-grace': '1s', 'deploy-command': 'sh\npublish.sh',
    'promote-from': 'preprod', 'backup-paths': join(folder, 'live'),
  };
  await until(async () => (await live()).status === 200, 'production');
  return { folder, url, live, inputs, close: () => world.engine.wipe(folder, port) };
}

const promote = (world, { inputs }, sha) =>
  world.runAction({ mode: 'promote', sha, limit: 30_000, event: { name: 'workflow_dispatch', payload: {} }, inputs: { ...inputs, confirm: 'DEPLOY' } });

/** A version that goes through preprod and its CI without a fault. */
async function validated(world, timeline, { message, files }) {
  const sha = world.release({ message, files });
  timeline.begin();
  timeline.event('push', `${bold(`${sha.slice(0, 7)} ${message}`)}  (its CI is green)`);
  world.github.addRun({ sha, status: 'completed', conclusion: 'success' });
  const { outputs, stdout } = await world.runAction({ mode: 'deploy', sha, limit: 30_000, inputs: { watch: 'inline' } });
  if (outputs.result !== 'validated') throw new Error(`${message} should be validated in preprod:\n${stdout}`);
  return sha;
}

/** Shows it: {good, bad} are the commits of the first act, `holds` checks what is said. */
export async function secondAct(world, production, { good, bad, holds }) {
  rule('3. Production: by hand, with DEPLOY typed, and only what CI validated');
  say(`  Production is a second clone with a site of its own. It says ${bold(`"${(await production.live()).body}"`)}.\n`);
  const timeline = startTimeline(world, { environment: 'prod', live: production.live });
  await until(() => timeline.page(), "production's page");
  const acts = { world, production, timeline, holds };
  await refused(acts, bad.sha);
  await promoted(acts, good.sha);
  rule(`4. A release that is fine in preprod, ${yellow('and breaks in production')}`);
  await restored(acts, good.sha);
  await timeline.end();
}

async function refused({ world, production, timeline, holds }, sha) {
  timeline.begin();
  timeline.event('runner', `somebody promotes ${bold(sha.slice(0, 7))}, whose CI failed`);
  const { exit, stdout } = await promote(world, production, sha);
  holds(exit === 1 && /n'est pas validé en PREPROD/.test(stdout), `a commit that is not validated should be refused:\n${stdout}`);
  holds((await production.live()).body === 'version 1', 'production should be untouched');
  holds(world.discord.news.some(({ text }) => /PRODUCTION - Déploiement refusé/.test(text)), 'Discord should hear of the refusal');
}

async function promoted({ world, production, timeline, holds }, sha) {
  const began = Date.now();
  timeline.begin();
  timeline.event('runner', `somebody promotes ${bold(sha.slice(0, 7))}, which CI validated`);
  const { exit, outputs, stdout } = await promote(world, production, sha);
  holds(exit === 0 && outputs.result === 'deployed', `a validated commit should be promoted:\n${stdout}`);
  const live = await until(() => timeline.firstSeen('version 2', began), 'version 2 in production');
  const saved = readdirSync(join(world.stateDir, 'prod/backups')).filter((name) => !name.startsWith('.'));
  holds(saved.length === 1 && saved[0] === outputs.backup, 'one backup should have been made, and be named in the outputs');
  say(dim(`          in production after ${seconds(live - began)}, what it served before saved as ${outputs.backup}`));
}

async function restored({ world, production, timeline, holds }, good) {
  const bad = await validated(world, timeline, { message: 'feat: publier en une passe', files: { 'www/index.html': 'version 4\n', 'publish.sh': BROKEN } });
  timeline.event('runner', `preprod says "version 4", and it is validated: somebody promotes ${bold(bad.slice(0, 7))}`);
  const { exit, outputs, stdout } = await promote(world, production, bad);
  holds(exit === 1 && outputs.result === 'rolled-back', `a release that breaks production should be undone:\n${stdout}`);
  await until(async () => (await production.live()).body === 'version 2', 'version 2 in production again');
  holds(git(production.folder, 'rev-parse', 'HEAD') === good, "production's work tree should stand at the commit from before");
  holds(readFileSync(join(production.folder, 'live/index.html'), 'utf8') === 'version 2\n', 'the files should be those of the backup');
  holds((await world.live()).body === 'version 4', 'preprod should be left alone');
  const told = await until(() => world.discord.news.find(({ text }) => text.includes(`SHA annulé: ${bad.slice(0, 7)}`)), 'the message about it');
  holds(told.text.includes(`git reset --hard ${good}`), 'the message should end with the commands for doing it by hand');
}
