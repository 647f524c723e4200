// Files of others among what a promote saves, and a runner that is not root: it can read them, and can give its
// copies to nobody.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { asNobody, asRoot, give } from './doctor-support.mjs';
import { backups, candidate, onProduction, productionInputs, promote, script, settings, startPromote, withProduction } from './production.mjs';

const NOBODY = 65534;
const OTHER = 4242;
const BARE = { 'compose-file': null };

// The files that a job is told by are made by this process: nobody writes to them.
process.umask(0);

const ownersOf = (world) => ['settings.txt', 'upload'].map((name) => {
  const { uid, gid } = lstatSync(join(world.prod.files, name));
  return `${uid}:${gid}`;
});

/** Everything is nobody's, but one of the files that are saved; and the action runs as nobody. */
async function ofNobody(world) {
  const sha = await candidate(world);
  writeFileSync(join(world.prod.files, 'upload'), 'by a container\n');
  give(world.root, NOBODY);
  chownSync(join(world.prod.files, 'upload'), OTHER, OTHER + 1);
  return { sha, env: asNobody(world) };
}

const LIST = /sudo (xargs -0 -n 2 -a \S+\/owners chown -h --)/;

test('whose files were is kept in the backup, and a way back tells the command that gives them back', asRoot, () => withProduction({}, async (world) => {
  const { sha, env } = await ofNobody(world);
  const result = await promote(world, sha, { ...BARE, ...script(world, 'exit 7') }, { env });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(settings(world), 'of version 1');
  assert.deepEqual(ownersOf(world), [`${NOBODY}:${NOBODY}`, `${NOBODY}:${NOBODY}`]);
  const warned = result.annotations.filter((one) => one.level === 'warning').map((one) => one.text).join('\n');
  assert.match(warned, /upload is 4242:4243's: nobody can save it, but not give it back/);
  const [, command] = LIST.exec(warned) ?? assert.fail(warned);
  execFileSync('sh', ['-c', command]);
  assert.deepEqual(ownersOf(world), [`${NOBODY}:${NOBODY}`, `${OTHER}:${OTHER + 1}`]);
}));

test('root, who puts back what another has saved, gives each file to its owner', asRoot, () => withProduction({}, async (world) => {
  const { sha, env } = await ofNobody(world);
  const result = await promote(world, sha, { ...BARE, ...script(world) }, { env });
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  assert.equal(settings(world), `of ${sha}`);
  give(join(world.root, 'git'), 0);
  const back = await onProduction(world, 'rollback', { ...BARE, 'backup': backups(world)[0], to: '' });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  assert.doesNotMatch(back.stdout, LIST);
  assert.deepEqual(ownersOf(world), [`${NOBODY}:${NOBODY}`, `${OTHER}:${OTHER + 1}`]);
}));

test('files that are all the runner\'s own need no list', asRoot, () => withProduction({}, async (world) => {
  const { sha, env } = await ofNobody(world);
  chownSync(join(world.prod.files, 'upload'), NOBODY, NOBODY);
  const own = await promote(world, sha, { ...BARE, ...script(world, 'exit 7') }, { env });
  assert.equal(own.outputs.result, 'rolled-back', own.stdout);
  assert.doesNotMatch(own.stdout, /owners|can save it/);
}));

test('a file that the runner may not read is missed in the backup, also while its owner writes to it', asRoot, () => withProduction({}, async (world) => {
  const programs = wrapPrograms(world, ['cp']);
  const { sha, env } = await ofNobody(world);
  const base = join(world.prod.files, 'upload');
  chmodSync(base, 0o600);
  const copying = programs.hold('cp ');
  const run = startPromote(world, sha, { ...BARE, ...script(world) }, { env: { ...programs.env, ...env } });
  await copying.begun();
  appendFileSync(base, 'more\n');
  copying.letGo();
  const result = await run.done;
  assert.deepEqual([result.exit, backups(world)], [1, []], result.stdout);
  assert.match(result.log, /not what stands there \([^)]*prod-files\/upload\)/);
  assert.equal(settings(world), 'of version 1');
}));

test('a folder that cannot be emptied, for what others keep in it, is not emptied by half', asRoot, () => withProduction({}, async (world) => {
  // Its folder is not the runner's: it cannot be swapped, and is filled in place.
  const held = join(world.root, 'held');
  const [data, uploads] = [join(held, 'data'), join(held, 'data/uploads')];
  mkdirSync(uploads, { recursive: true });
  for (const name of ['mine', 'uploads/theirs']) writeFileSync(join(data, name), 'of version 1\n');
  const { sha, env } = await ofNobody(world);
  chownSync(held, 0, 0);
  give(uploads, OTHER);
  for (const folder of [held, uploads]) chmodSync(folder, 0o755);
  const command = { 'backup-paths': data, 'deploy-command': `sh\n-c\necho new > ${data}/mine; exit 7` };
  const result = await promote(world, sha, { ...BARE, ...command }, { env });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  assert.match(result.log, /held\/data\/uploads cannot be written/);
  assert.deepEqual(['mine', 'uploads/theirs'].map((name) => readFileSync(join(data, name), 'utf8')), ['new\n', 'of version 1\n']);
}));

test('a half copy with a read-only folder, which a killed run has left, is in no later way back\'s way', asRoot, () => withProduction({}, async (world) => {
  const still = join(world.prod.files, 'still');
  mkdirSync(still);
  writeFileSync(join(still, 'module'), 'x\n');
  const bin = join(world.root, 'deadly');
  mkdirSync(bin);
  const text = `#!/bin/sh\n/bin/cp "$@"; code=$?\ncase "$*" in "-a -T "*) mkdir ${bin}/killed 2>/dev/null && kill -9 $PPID;; esac\nexit $code\n`;
  writeFileSync(join(bin, 'cp'), text, { mode: 0o755 });
  const { sha, env } = await ofNobody(world);
  chmodSync(still, 0o555);
  const inputs = { ...BARE, url: null, ...script(world, 'exit 7') };
  const killed = await promote(world, sha, inputs, { env: { ...env, PATH: `${bin}:${world.engine.env.PATH}` } });
  assert.equal(killed.signal, 'SIGKILL', killed.stdout);
  const copies = () => readdirSync(world.root).filter((name) => name.includes('.restored-'));
  assert.equal(copies().length, 1);
  give(join(world.root, 'git'), 0);
  const result = await world.runAction({ mode: 'status', inputs: { ...productionInputs(world), ...BARE, url: null }, env });
  assert.match(result.log, /rollback of [0-9a-f]{7} .* was not finished/);
  assert.deepEqual([settings(world), copies()], ['of version 1', []], result.stdout);
  assert.equal(JSON.parse(result.outputs.state).prod.live.sha, world.first, result.stdout);
}));
