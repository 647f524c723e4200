// The commands by hand of a promote that went wrong, pasted as they stand in the message: they bring the old version and
// its files back whatever stands there by then, and the first one that fails is the last one that runs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backups, blockByHand, candidate, headOf, isWhole, onProduction, page, pasted, promote, script, settings, withProduction } from './production.mjs';

const GUARDED = { inputs: { 'guard-paths': 'www/**' } };
const mountable = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const needsMounts = { skip: mountable ? false : 'needs root and leave to mount' };
const SHELLS = ['sh', 'bash', 'zsh', 'fish'].filter((shell) => spawnSync(shell, ['-c', 'true']).status === 0);

/** A promote that production does not stand, and whose way back is left to people. */
async function fails(world, version, inputs) {
  const result = await promote(world, await candidate(world, version), { ...script(world), 'health-contains': 'never', ...inputs });
  assert.equal(result.outputs.result, 'failed', result.stdout);
}

function isDone({ status, stderr }) {
  assert.equal(status, 0, stderr);
}

/** What was set aside beside a path, the oldest first. */
const aside = (world, name = 'prod-files') => readdirSync(world.root).filter((one) => one.startsWith(`${name}.~`)).sort();

test('the commands by hand bring the old files back, at the second incident too, and keep what they replace', () => withProduction(GUARDED, async (world) => {
  writeFileSync(join(world.prod.files, 'only-old'), 'old\n');
  for (const version of [2, 3]) {
    await fails(world, version);
    isDone(pasted(world));
    await isWhole(world, 1, world.first, 'of version 1');
    assert.deepEqual(readdirSync(world.prod.files).sort(), ['only-old', 'settings.txt']);
  }
  const kept = aside(world);
  assert.equal(kept.length, 2);
  for (const one of kept) assert.ok(readdirSync(join(world.root, one)).includes('only-new'), 'what they replace is kept');
  assert.ok(!readdirSync(world.root).some((name) => name.includes('.restored')));
}));

for (const shell of SHELLS) test(`pasted into ${shell}, a command that fails is the last one that runs, and the block again does it all`, () => withProduction(GUARDED, async (world) => {
  await fails(world, 2);
  const [backup] = backups(world);
  const away = join(world.root, 'away');
  renameSync(join(world.prod.backups, backup), away);
  const failed = pasted(world, { shell });
  assert.notEqual(failed.status, 0, failed.stdout);
  assert.doesNotMatch(failed.stdout, /HEAD is now/);
  assert.equal(headOf(world.prod.vm) === world.first, false, 'nothing was touched');
  assert.deepEqual(aside(world), []);
  renameSync(away, join(world.prod.backups, backup));
  for (let times = 0; times < 2; times++) isDone(pasted(world, { shell }));
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('a path that is gone by then comes back, and so does one whose folder is gone', () => withProduction(GUARDED, async (world) => {
  const deep = join(world.root, 'srv/deep/data');
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'db'), 'old\n');
  const gone = `sh\n-c\nrm -rf ${world.prod.files} ${join(world.root, 'srv')}; exit 1`;
  await fails(world, 2, { 'backup-paths': `${world.prod.files}\n${deep}`, 'deploy-command': gone });
  isDone(pasted(world));
  await isWhole(world, 1, world.first, 'of version 1');
  assert.equal(readFileSync(join(deep, 'db'), 'utf8'), 'old\n');
  assert.deepEqual(aside(world), []);
}));

test('a saved folder in whose place a file stands, and the reverse, come back as they were', () => withProduction(GUARDED, async (world) => {
  const file = join(world.root, 'prod.conf');
  writeFileSync(file, 'old\n');
  const swap = `sh\n-c\nrm -rf ${world.prod.files} ${file}; echo new > ${world.prod.files}; mkdir ${file}; exit 1`;
  await fails(world, 2, { 'backup-paths': `${world.prod.files}\n${file}`, 'deploy-command': swap });
  isDone(pasted(world));
  await isWhole(world, 1, world.first, 'of version 1');
  assert.equal(readFileSync(file, 'utf8'), 'old\n');
}));

test('a path whose name is long comes back, though more is written behind it meanwhile', () => withProduction(GUARDED, async (world) => {
  const long = join(world.root, 'n'.repeat(240));
  mkdirSync(long);
  writeFileSync(join(long, 'f'), 'old\n');
  await fails(world, 2, { 'backup-paths': long, 'deploy-command': `sh\n-c\necho new > "$0"; exit 1\n${join(long, 'f')}` });
  isDone(pasted(world));
  assert.equal(readFileSync(join(long, 'f'), 'utf8'), 'old\n');
}));

test('a path with quotes, blanks and signs in its name is one word in the commands by hand', () => withProduction(GUARDED, async (world) => {
  const odd = join(world.root, 'it\'s a $HOME "dir" é * [x]; true & !1 # \\n');
  mkdirSync(odd);
  writeFileSync(join(odd, 'db'), 'old\n');
  await fails(world, 2, { 'backup-paths': odd, 'deploy-command': `sh\n-c\necho new > "$0"; exit 1\n${join(odd, 'db')}` });
  isDone(pasted(world));
  assert.equal(readFileSync(join(odd, 'db'), 'utf8'), 'old\n');
  assert.equal(await page(world), 'version 1');
}));

test('commands that a message has no room for stand in the log, whole, and no part of them in the message', () => withProduction(GUARDED, async (world) => {
  const paths = Array.from({ length: 12 }, (_, at) => join(world.root, 'srv', `a-folder-of-the-site-with-a-rather-long-name-${at}`));
  for (const path of paths) mkdirSync(path, { recursive: true });
  const inputs = { 'backup-paths': paths.join('\n'), 'deploy-command': 'false', 'discord-style': 'text' };
  for (const [version, style] of [[2, 'text'], [3, 'embed']]) {
    const result = await promote(world, await candidate(world, version), { ...inputs, 'discord-style': style });
    const { text } = world.discord.news.at(-1);
    assert.doesNotMatch(text, /```|cp -a|mv -T/);
    assert.match(text, /les commandes sont trop longues pour ce message ; elles sont, entières, dans le journal de cette exécution/);
    const block = result.log.split('```')[1].trim().replace(/^ssh .*\n/, '');
    assert.equal(block.match(/^mv -T /gm).length, paths.length);
    isDone(pasted(world, { block }));
    await isWhole(world, 1, world.first, 'of version 1');
  }
}));

test('files in a mounted folder are kept before it is emptied, and it is not emptied for a backup that is gone', needsMounts, () => withProduction(GUARDED, async (world) => {
  const media = join(world.root, 'media');
  mkdirSync(media);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=30m', 'tmpfs', media]);
  try {
    writeFileSync(join(media, 'photo'), 'old\n');
    const spoil = `sh\n-c\necho new > ${media}/photo; touch ${media}/only-new; exit 1`;
    await fails(world, 2, { 'backup-paths': media, 'deploy-command': spoil });
    const [backup] = backups(world);
    const away = join(world.root, 'away');
    renameSync(join(world.prod.backups, backup), away);
    assert.notEqual(pasted(world).status, 0);
    assert.deepEqual(readdirSync(media).sort(), ['only-new', 'photo'], 'what is live is as it was');
    renameSync(away, join(world.prod.backups, backup));
    // Each time what stands there is kept, under a number of its own.
    for (let times = 0; times < 2; times++) isDone(pasted(world));
    assert.deepEqual([readdirSync(media), readFileSync(join(media, 'photo'), 'utf8')], [['photo'], 'old\n']);
    const kept = `${join(world.prod.backups, backup)}.by-hand${media}`;
    assert.equal(readFileSync(join(`${kept}.~1~`, 'photo'), 'utf8'), 'new\n', 'what was live is kept');
    assert.deepEqual(readdirSync(`${kept}.~1~`).sort(), ['only-new', 'photo']);
    // No room for it: then nothing is emptied either.
    writeFileSync(join(media, 'later'), 'new\n');
    const full = blockByHand(world).replaceAll(`${join(world.prod.backups, backup)}.by-hand`, '/proc/nowhere');
    assert.notEqual(pasted(world, { block: full }).status, 0);
    assert.ok(existsSync(join(media, 'later')));
  } finally {
    spawnSync('umount', ['--lazy', media]);
    rmSync(media, { recursive: true, force: true });
  }
  assert.equal(settings(world), 'of version 1');
}));

/** What the last message says of a version that is ill, and the one command that it names. */
function further(world, headline) {
  const { text } = world.discord.news.at(-1);
  assert.match(text, headline);
  return { text, command: text.split('```')[1]?.trim().replace(/^ssh .*\n/, '') };
}

for (const [name, again, headline, to, ...mended] of [
  // Put in place anew, and ill still: what cannot be met is what it was made with.
  ['a rollback to what is live', (world) => onProduction(world, 'rollback', { ...script(world), 'health-contains': 'never' }),
    /^🚨 PROD - Rollback en échec : \w{7} en ligne, en mauvaise santé\n[^]*\n🚨 La remise en place de \w{7} n'a pas abouti/, (world) => world.first, '--health-contains', 'version'],
  ['a promote of what is live', (world, sha) => promote(world, sha, { ...script(world), 'health-contains': 'never' }),
    /En ligne, mais en mauvaise santé\n/, () => 'previous'],
]) {
  test(`where ${name} finds it ill, the command by hand is the way to the version before it, not to the same one`, () => withProduction({}, async (world) => {
    const sha = await candidate(world);
    assert.equal((await promote(world, sha, script(world))).outputs.result, 'deployed');
    const result = await again(world, sha);
    assert.equal(result.exit, 1, result.stdout);
    const { text, command } = further(world, headline);
    assert.match(text, new RegExp(`➡️ Revenir à ${world.first.slice(0, 7)}, en ligne avant\n`));
    assert.equal(command, `mangetamain-deploy rollback --environment prod --state-dir ${world.stateDir} --to ${to(world)}`);
    // Who pastes it has a terminal to say yes in.
    const back = await world.runCommand([...command.split(' ').slice(1), '--yes', ...mended]);
    assert.equal(back.exit, 0, `${back.stdout}${back.stderr}`);
    assert.equal(headOf(world.prod.vm), world.first);
    assert.equal(await page(world), 'version 1');
  }));
}

test('where what is live is ill and nothing was before it, that is said, and the command is for when the obstacle is gone', () => withProduction({}, async (world) => {
  const result = await onProduction(world, 'rollback', { to: world.first, 'health-contains': 'never' });
  assert.equal(result.exit, 1, result.stdout);
  const { text, command } = further(world, /^🚨 PROD - Échec, sans retour possible\n/);
  assert.match(text, /\nAucune version d'avant vers laquelle revenir\n[^]*\nÀ la main, une fois l'obstacle levé :\n/);
  assert.ok(command.endsWith(` --to ${world.first}`), command);
  const back = await world.runCommand([...command.split(' ').slice(1), '--yes', '--health-contains', 'version']);
  assert.equal(back.exit, 0, `${back.stdout}${back.stderr}`);
}));
