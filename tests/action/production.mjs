// What the scenarios of production share: a second environment on the same machine, with its own work
// tree, its own compose file and files that git does not look after, which a team's script replaces.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeFile, freePort } from '../world/app.mjs';
import { git } from '../world/git.mjs';
import { inWorld, validated } from './support.mjs';

/** A world with preprod and prod, prod live with the first version; `inputs` go over both. */
export const withProduction = (options, work) =>
  inWorld(options, async (world) => {
    const vm = join(world.root, `prod-${world.root.slice(-8)}`);
    // Compose names the project after it.
    const docker = join(world.root, `docker-${world.root.slice(-8)}`);
    const files = join(world.root, 'prod-files');
    const port = await freePort();
    world.repository.clone(vm);
    for (const folder of [docker, files]) mkdirSync(folder);
    const text = composeFile({ port }).replace('./www:', `../${vm.split('/').at(-1)}/www:`);
    writeFileSync(join(docker, 'docker-compose.yml'), text);
    writeFileSync(join(files, 'settings.txt'), 'of version 1\n');
    world.engine.up(docker);
    const url = `http://127.0.0.1:${port}/`;
    const folder = join(world.stateDir, 'prod');
    world.prod = { vm, files, url, folder, docker, compose: join(docker, 'docker-compose.yml'), backups: join(folder, 'backups') };
    try {
      return await work(world);
    } finally {
      if (world.engine.kind.startsWith('real')) world.engine.compose(docker, 'down', '-t', '0');
    }
  });

/** What the promote of a SHA is given. */
export const productionInputs = (world) => ({
  environment: 'prod', 'app-path': world.prod.vm, 'compose-file': world.prod.compose, url: world.prod.url,
  'backup-paths': world.prod.files, confirm: 'DEPLOY', 'health-attempts': '2', 'health-grace': '1s',
});

const given = (world, sha, inputs, more) => ({ mode: 'promote', sha, inputs: { ...productionInputs(world), ...inputs }, ...more });

export const promote = (world, sha, inputs = {}, more = {}) => world.runAction(given(world, sha, inputs, more));
export const startPromote = (world, sha, inputs = {}, more = {}) => world.startAction(given(world, sha, inputs, more));

/** Any other mode on prod. */
export const onProduction = (world, mode, inputs = {}) =>
  world.runAction({ mode, inputs: { ...productionInputs(world), ...inputs } });

/** A release that preprod has validated. */
export const candidate = (world, version = 2) => validated(world, version);

/** A team's script: it replaces files that git does not look after, then does what `after` says. */
export const script = (world, after = 'true') => ({
  'deploy-command': `sh\n-c\necho "of $DEPLOY_SHA" > ${world.prod.files}/settings.txt; rm -f ${world.prod.files}/only-old; touch ${world.prod.files}/only-new; ${after}`,
});

export const settings = (world) => readFileSync(join(world.prod.files, 'settings.txt'), 'utf8').trim();
export const headOf = (folder) => git(folder, 'rev-parse', 'HEAD');

export async function page(world) {
  try {
    const answer = await fetch(world.prod.url, { signal: AbortSignal.timeout(2000), headers: { connection: 'close' } });
    return (await answer.text()).trim();
  } catch {
    return '';
  }
}

/** Backups that are complete, the oldest first. */
export const backups = (world) =>
  (existsSync(world.prod.backups) ? readdirSync(world.prod.backups) : []).filter((name) => /^\d{8}T\d{6}Z-[0-9a-f]{7}$/.test(name)).sort();

/** Everything in the folder of backups. */
export const inBackups = (world) => (existsSync(world.prod.backups) ? readdirSync(world.prod.backups).sort() : []);

export const prodLedger = (world) => world.ledger('prod');
export const prodFacts = (world) => prodLedger(world).map(({ fact }) => (typeof fact === 'string' ? fact : Object.keys(fact)[0]));

/** Production is whole, and of this version; files that git does not look after are those of version 1 or of `sha`. */
export async function isWhole(world, version, sha, files) {
  assert.equal(await page(world), `version ${version}`);
  assert.equal(headOf(world.prod.vm), sha);
  assert.equal(settings(world), files);
}

/** The block of commands of the last message that has one, without the way to the machine. */
export function blockByHand(world) {
  const { text } = world.discord.news.findLast((one) => one.text.includes('git reset --hard'));
  return text.split('```')[1].trim().replace(/^ssh .*\n/, '');
}

/** Runs that block as it is pasted: a shell reads it line by line, and goes on as a terminal would. */
export const pasted = (world, { shell = 'sh', block = blockByHand(world) } = {}) =>
  // What fish is handed on a pipe it does not read.
  spawnSync(shell, shell === 'fish' ? ['-c', block] : [], { input: `${block}\n`, cwd: '/', encoding: 'utf8', env: { ...process.env, ...world.engine.env } });
