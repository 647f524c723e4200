// A promote that is killed: whatever runs next finishes it, undoes it or clears it away, and production is
// the old version or the new one, whole. Killed at a program that it runs: just before it, or just after.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backups, candidate, headOf, inBackups, isWhole, onProduction, page, prodFacts, promote, script, withProduction } from './production.mjs';
import { git } from '../world/git.mjs';
import { ci, ciFails, deploy, texts } from './support.mjs';

const PROGRAMS = ['git', 'cp', 'find', 'sort', 'comm', 'sync', 'mv', 'rm', 'sha256sum', 'docker', 'curl'];

/**
 * A PATH whose programs kill the action the first time that one is called with matching words: `before`
 * it does anything, or `after` it is done.
 */
function deadly(world, { words, when }) {
  const bin = join(world.root, 'deadly');
  mkdirSync(bin);
  for (const name of PROGRAMS) {
    const find = `PATH='${world.engine.env.PATH}' command -v ${name}`;
    let real;
    try {
      real = execFileSync('sh', ['-c', find], { encoding: 'utf8' }).trim();
    } catch {
      continue;
    }
    const text = `#!/bin/sh\ncase "${name} $*" in ${words}) if mkdir ${bin}/killed 2>/dev/null; then\n` +
      `${when === 'after' ? `'${real}' "$@"\n` : ''}kill -9 $PPID; exit 1; fi;; esac\nexec '${real}' "$@"\n`;
    writeFileSync(join(bin, name), text, { mode: 0o755 });
  }
  return { env: { PATH: `${bin}:${world.engine.env.PATH}` }, happened: () => existsSync(join(bin, 'killed')) };
}

async function killedAt(world, sha, point, inputs) {
  const trap = deadly(world, point);
  const result = await promote(world, sha, inputs, { env: trap.env });
  assert.ok(trap.happened(), `nothing was called like ${point.words}:\n${result.stdout}`);
  assert.equal(result.signal, 'SIGKILL', result.stdout);
}

async function isSettled(world) {
  const { prod } = JSON.parse((await onProduction(world, 'status')).outputs.state);
  assert.deepEqual([prod.unfinished, prod.problem], [null, null]);
  assert.ok(inBackups(world).every((name) => !/\.(partial|removed)$/.test(name)), inBackups(world).join());
  assert.ok(readdirSync(world.root).every((name) => !name.includes('.restored-')));
}

const NEXT = {
  status: (world) => onProduction(world, 'status'),
  deploy: (world) => onProduction(world, 'deploy', { sha: world.first, watch: 'none' }),
  rollback: (world) => onProduction(world, 'rollback', { to: world.first }),
};

// Nothing of what is live was touched: the request is void, and its half backup goes with it.
const EARLY = [
  ['while it fetches', { words: '"git "*" fetch "*', when: 'after' }, 'status'],
  ['while its backup is copied', { words: '"cp -a --parents "*', when: 'before' }, 'deploy'],
  ['when its backup is copied', { words: '"cp -a --parents "*', when: 'after' }, 'status'],
  ['while the backup is compared', { words: '"comm "*', when: 'before' }, 'rollback'],
  ['just before the backup gets its name', { words: '"mv -T "*', when: 'before' }, 'status'],
];

for (const [name, point, next] of EARLY) {
  test(`killed ${name}, a promote has touched nothing, and the next ${next} clears it away`, () => withProduction({}, async (world) => {
    const sha = await candidate(world);
    await killedAt(world, sha, point, script(world));
    const result = await NEXT[next](world);
    assert.equal(result.exit, 0, result.stdout);
    assert.match(result.log, /promote of [0-9a-f]{7} \(asked by run .*\) was not finished/);
    await isWhole(world, 1, world.first, 'of version 1');
    await isSettled(world);
    assert.equal((await promote(world, sha, script(world))).outputs.result, 'deployed');
  }));
}

// Once something was started with it, a good promote is finished; before, it is undone.
const LATE = [
  ['when the backup has its name', { words: '"sync -- "*', when: 'after' }, 'old'],
  ['just before the reset', { words: '"git "*" reset "*', when: 'before' }, 'old'],
  ['just after the reset', { words: '"git "*" reset "*', when: 'after' }, 'old'],
  ['just before compose', { words: '"docker compose "*" restart"*', when: 'before' }, 'new'],
  ['just after compose', { words: '"docker compose "*" restart"*', when: 'after' }, 'new'],
];

for (const [name, point, version] of LATE) {
  test(`killed ${name}, a good promote leaves the ${version} version, whole, once status has run`, () => withProduction({}, async (world) => {
    const sha = await candidate(world);
    await killedAt(world, sha, point, script(world));
    await NEXT.status(world);
    if (version === 'new') await isWhole(world, 2, sha, `of ${sha}`);
    else await isWhole(world, 1, world.first, 'of version 1');
    assert.equal(backups(world).length, 1, 'a complete backup is kept');
    await isSettled(world);
  }));
}

const BEFORE_COMPOSE = { words: '"docker compose "*" restart"*', when: 'before' };

for (const when of ['before', 'after']) {
  test(`killed just ${when} the reset, a promote is undone, and what the site has written since stays where it is`, () => withProduction({}, async (world) => {
    const sha = await candidate(world);
    await killedAt(world, sha, { words: '"git "*" reset "*', when }, script(world, 'exit 7'));
    writeFileSync(join(world.prod.files, 'order'), 'of the afternoon\n');
    world.discord.forget();
    const status = await NEXT.status(world);
    await isWhole(world, 1, world.first, 'of version 1');
    assert.equal(readFileSync(join(world.prod.files, 'order'), 'utf8'), 'of the afternoon\n', status.stdout);
    assert.ok(readdirSync(world.root).every((name) => !name.includes('.replaced-')), 'nothing was put back');
    const [told] = texts(world);
    assert.match(told, /^🔄 PRODUCTION - ROLLBACK AUTOMATIQUE effectué\n/);
    assert.match(told, /s'est arrêtée avant que rien ne soit lancé avec cette version ; à mettre en production de nouveau/);
    await isSettled(world);
    assert.equal((await promote(world, sha, script(world))).outputs.result, 'deployed', 'it is not quarantined');
  }));
}

const AFTER_RESET = { words: '"git "*" reset "*', when: 'after' };
const look = async (world) => JSON.parse((await NEXT.status(world)).outputs.state).prod;

test('killed just after the reset, a promote of what is live already goes nowhere else', () => withProduction({}, async (world) => {
  assert.equal((await promote(world, await candidate(world), script(world))).outputs.result, 'deployed');
  const third = await candidate(world, 3);
  assert.equal((await promote(world, third, script(world))).outputs.result, 'deployed');
  await killedAt(world, third, AFTER_RESET, { ...script(world), force: 'true' });
  assert.equal((await look(world)).live.sha, third);
  await isWhole(world, 3, third, `of ${third}`);
}));

test('killed just after the reset, a promote that no machine may go back from is finished', () => withProduction({}, async (world) => {
  const sha = world.release({ version: 2, files: { 'www/index.html': 'version 2\n', 'migrations/1.sql': 'x\n' } });
  ci(world, sha, 'success');
  await deploy(world, sha);
  await killedAt(world, sha, AFTER_RESET, { ...script(world), 'guard-paths': 'migrations/**' });
  assert.equal((await look(world)).live.sha, sha);
  await isWhole(world, 2, sha, `of ${sha}`);
}));

test('a promote that was killed when it was live, and its finishing at the reset, is finished', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  await killedAt(world, sha, { words: '"docker compose "*" restart"*', when: 'after' }, script(world));
  writeFileSync(join(world.prod.files, 'order'), 'of the afternoon\n');
  execFileSync('rm', ['-rf', join(world.root, 'deadly')]);
  const trap = deadly(world, AFTER_RESET);
  await world.runAction({ mode: 'status', inputs: { environment: 'prod' }, env: trap.env });
  assert.ok(trap.happened());
  assert.equal((await look(world)).live.sha, sha);
  assert.equal(readFileSync(join(world.prod.files, 'order'), 'utf8'), 'of the afternoon\n');
  await isWhole(world, 2, sha, `of ${sha}`);
}));

test('a promote that mends what is live and ill is finished, not gone back from to what is older', () => withProduction({}, async (world) => {
  const ill = { ...script(world), 'health-contains': 'version 3' };
  await promote(world, await candidate(world), { ...ill, 'on-unhealthy': 'keep' });
  const third = await candidate(world, 3);
  await killedAt(world, third, AFTER_RESET, ill);
  assert.equal((await look(world)).live.sha, third);
  await isWhole(world, 3, third, `of ${third}`);
}));

test('a promote that was killed is not gone on with once preprod has gone back from its version', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  await killedAt(world, sha, BEFORE_COMPOSE, script(world));
  ciFails(world, sha, { attempt: 2 });
  await world.runAction({ mode: 'watch', sha });
  const status = await NEXT.status(world);
  const { prod } = JSON.parse(status.outputs.state);
  assert.deepEqual([prod.live.sha, prod.quarantine], [world.first, []], status.stdout);
  await isWhole(world, 1, world.first, 'of version 1');
  await isSettled(world);
}));

test('what the site wrote since a promote was killed is kept beside what was saved before, when that is put back', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  await killedAt(world, sha, BEFORE_COMPOSE, { ...script(world), 'health-contains': 'version 1' });
  writeFileSync(join(world.prod.files, 'order'), 'of the afternoon\n');
  const status = await NEXT.status(world);
  assert.match(status.log, /rollback to|retour/i);
  await isWhole(world, 1, world.first, 'of version 1');
  const kept = readdirSync(world.root).find((name) => name.startsWith('prod-files.replaced-'));
  assert.equal(readFileSync(join(world.root, kept, 'order'), 'utf8'), 'of the afternoon\n');
  assert.ok(status.log.includes(kept), status.log);
  assert.equal(backups(world).length, 1);
  await isSettled(world);
}));

test('what was saved before the reset of a promote that was killed is what is put back: a reset writes to files, too', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const inputs = { 'backup-paths': join(world.prod.vm, 'www'), 'deploy-command': 'true', 'health-contains': 'version 1' };
  await killedAt(world, sha, BEFORE_COMPOSE, inputs);
  const status = await onProduction(world, 'status');
  const { prod } = JSON.parse(status.outputs.state);
  assert.equal(prod.live.sha, world.first, status.stdout);
  assert.match(await page(world), /^version 1/);
  assert.equal(git(world.prod.vm, 'status', '--porcelain', '--untracked-files=no'), '');
}));

test('a promote that was killed when it was live is not undone because nobody can say any more that it is validated', () => withProduction({}, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  await killedAt(world, sha, { words: '"docker compose "*" restart"*', when: 'after' }, { ...script(world), 'promote-from': 'elsewhere' });
  const status = await world.runAction({ mode: 'status', inputs: { environment: 'prod' }, env: { GITHUB_API_URL: 'http://127.0.0.1:9' } });
  assert.equal(JSON.parse(status.outputs.state).prod.live.sha, sha, status.stdout);
  await isWhole(world, 2, sha, `of ${sha}`);
  await isSettled(world);
}));

test('what the deploy command makes of tracked files is made again by the run that finishes a killed one', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const index = join(world.prod.vm, 'www/index.html');
  const inputs = { 'deploy-command': `sh\n-c\necho "made for production" >> ${index}` };
  await killedAt(world, sha, { words: '"docker compose "*" restart"*', when: 'after' }, inputs);
  await onProduction(world, 'status', inputs);
  assert.equal(readFileSync(index, 'utf8'), 'version 2\nmade for production\n');
  assert.match(await page(world), /^version 2\s+made for production$/);
  await isSettled(world);
}));

for (const [when, words] of [['just after the reset', '"git "*" reset "*'], ['when nothing was touched yet', '"git "*" fetch "*']]) {
  test(`after a promote that was killed ${when}, a plan says what a rollback to \`previous\` does, and does it`, () => withProduction({}, async (world) => {
    const second = await candidate(world);
    assert.equal((await promote(world, second, script(world))).outputs.result, 'deployed');
    const third = await candidate(world, 3);
    await killedAt(world, third, { words, when: 'after' }, script(world));
    const before = prodFacts(world).length;
    const to = { to: 'previous', ...script(world) };
    const plan = await onProduction(world, 'rollback', { ...to, 'dry-run': 'true' });
    const [, named] = /put ([0-9a-f]{40}) live again/.exec(plan.log) ?? assert.fail(plan.log);
    assert.match(plan.log, new RegExp(`0\\. finish or undo what was begun: .* of ${third.slice(0, 7)}`));
    assert.equal(prodFacts(world).length, before, 'a plan writes nothing');
    assert.equal(JSON.parse(plan.outputs.state).prod.live.sha, second, 'and what it foresees is not said to be so');
    const done = await onProduction(world, 'rollback', to);
    assert.equal(done.outputs.result, 'rolled-back', done.stdout);
    assert.deepEqual([done.outputs.sha, headOf(world.prod.vm)], [named, named]);
    // What was live before the one that was killed; where that one touched nothing, what was live before that.
    assert.equal(named, when === 'just after the reset' ? second : world.first);
    await isSettled(world);
  }));
}

// A bad promote is being undone: it is undone to the end, files included.
const BACK = [
  ['before the backup is read again', { words: '"sha256sum --check "*', when: 'before' }],
  ['before the files are copied beside', { words: '"cp -a -T "*', when: 'before' }],
  ['when the files are copied beside', { words: '"cp -a -T "*', when: 'after' }],
  ['before the replaced files are set aside', { words: '"mv "*" "*.replaced-*', when: 'before' }],
  ['between setting the replaced files aside and putting the old ones in their place', { words: '"mv "*" "*.replaced-*', when: 'after' }],
  ['when the files are back', { words: '"mv -T -n -- "*/.prod-files.restored-*" "*/prod-files', when: 'after' }],
];

for (const [name, point] of BACK) {
  test(`killed ${name}, the way back is gone on with by the next run`, () => withProduction({}, async (world) => {
    const sha = await candidate(world);
    const bad = { ...script(world), 'health-contains': 'version 1' };
    await killedAt(world, sha, point, bad);
    const result = await NEXT.status(world);
    assert.match(result.log, /rollback of [0-9a-f]{7} \(asked by run .*\) was not finished/);
    await isWhole(world, 1, world.first, 'of version 1');
    await isSettled(world);
    assert.equal(readdirSync(world.root).filter((one) => one.startsWith('prod-files.replaced-')).length, 1);
    assert.equal(prodFacts(world).filter((fact) => fact === 'resumed').length, 1);
  }));
}

test('killed while the work tree itself is put back, and is not there, the way back is gone on with by the next run', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const own = { 'backup-paths': world.prod.vm, 'deploy-command': 'true' };
  await killedAt(world, sha, { words: '"mv "*" "*.replaced-*', when: 'after' }, { ...own, 'health-contains': 'version 1' });
  assert.equal(existsSync(world.prod.vm), false);
  const result = await onProduction(world, 'status', own);
  assert.match(result.log, /rollback of [0-9a-f]{7} \(asked by run .*\) was not finished/);
  await isWhole(world, 1, world.first, 'of version 1');
  await isSettled(world);
}));

test('a promote killed again and again on its way back ends whole', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  await killedAt(world, sha, { words: '"cp -a -T "*', when: 'after' }, { ...script(world), 'health-contains': 'version 1' });
  for (const words of ['"mv "*" "*.replaced-*', '"docker compose "*" restart"*']) {
    execFileSync('rm', ['-rf', join(world.root, 'deadly')]);
    const trap = deadly(world, { words, when: 'after' });
    await world.runAction({ mode: 'status', inputs: { environment: 'prod' }, env: trap.env });
    assert.ok(trap.happened(), words);
  }
  await NEXT.status(world);
  await isWhole(world, 1, world.first, 'of version 1');
  await isSettled(world);
}));
