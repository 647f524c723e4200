// `doctor` on what a promote needs: who validates, what is saved and where, and the freeze.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { asNobody, asRoot, configure, doctor, give, healthy, is, programs, settings, systemctl } from './doctor-support.mjs';

let world;
let prod;
let files;
before(async () => {
  world = await healthy();
  prod = join(world.root, 'prod');
  world.repository.clone(prod);
  files = join(world.root, 'files');
  mkdirSync(files);
  writeFileSync(join(files, 'uploaded.txt'), 'by a user');
});
after(() => world.close());

// The whole file, with these lines for prod.
const both = (...more) => configure(world, settings(world) + ['  prod:', ...[
  `app-path: ${prod}`, `state-dir: ${world.stateDir}`, `log-dir: ${world.logDir}`, ...more,
].map((line) => `    ${line}`), ''].join('\n'));

const ofProd = async (check, more, ...lines) => {
  both(...lines);
  const result = await doctor(world, {}, more);
  const found = result.findings.find((it) => it.place === 'environment prod' && it.check === check);
  assert.ok(found, `no ${check} of prod:\n${result.log}`);
  return found;
};

test('the environment that validates is told with what it has validated', async () => {
  is(await ofProd('promote', {}), 'ok', new RegExp(`^preprod has validated ${world.good.slice(0, 7)}$`));
  is(await ofProd('promote', {}, 'promote-from: staging', 'backup: none', 'freeze: [sun 01:00 - sun 01:01 UTC]'), 'warn', /staging is not known on this machine/);
});

test('an environment that nobody promotes to hears nothing of it', async () => {
  both();
  const result = await doctor(world);
  assert.ok(!result.findings.some((it) => it.place === 'environment preprod' && ['promote', 'backup', 'freeze'].includes(it.check)));
});

test('what is saved must be there, be itself, and be readable', asRoot, async () => {
  is(await ofProd('backup', {}), 'skip', /promote wants a list, or `none`/);
  is(await ofProd('backup', {}, `backup: { paths: [${files}] }`), 'ok', /one backup needs 6\d\.\d MiB, \d+\.\d GiB are free for .*prod\/backups/);
  is(await ofProd('backup', {}, `backup: { paths: [${files}/nothing] }`), 'fail', /nothing does not exist/);
  symlinkSync(files, join(world.root, 'link'));
  is(await ofProd('backup', {}, `backup: { paths: [${world.root}/link] }`), 'fail', /symbolic link/, /^name what it leads to: readlink -f /);
  const env = asNobody(world);
  for (const path of [world.vm, prod, world.stateDir]) give(path, 65534);
  chmodSync(join(files, 'uploaded.txt'), 0o600);
  const unreadable = await ofProd('backup', { env }, `backup: { paths: [${files}] }`);
  is(unreadable, 'fail', /uploaded\.txt is root's and cannot be read/, /sudo setfacl -R -m u:\S+:rX \S+uploaded\.txt/);
  chmodSync(join(files, 'uploaded.txt'), 0o644);
  const foreign = await ofProd('owners', { env }, `backup: { paths: [${files}] }`);
  is(foreign, 'warn', /files is root:root's: nobody can save it, but not give it back$/, /^of a database, save a dump/);
  const denied = await ofProd('backup', { env }, `backup: { paths: [${files}], dir: /mangetamain-nowhere }`);
  is(denied, 'fail', /nobody cannot write to \/mangetamain-nowhere/, /^sudo install -d -m 700 -o nobody /);
  for (const path of [world.vm, prod, world.stateDir]) give(path, 0);
});

test('a backup that would not fit is told with figures, before the promote', async () => {
  const df = programs(world, { ...systemctl(''), df: 'case "$*" in *output=avail,iavail*) echo "head\n1000000 5";; *) exit 1;; esac' });
  is(await ofProd('backup', { env: df }, `backup: { paths: [${files}] }`), 'fail', /needs 6\d\.\d MiB, 976\.5 KiB are free/, /make room/);
});

test('a freeze that holds now is told, one that does not is well, and one that is none is a problem', async () => {
  is(await ofProd('freeze', {}, 'freeze: [mon 00:00 - mon 00:00 UTC]').catch(() => ({ level: 'fail', seen: '' })), 'fail', /^$/);
  is(await ofProd('freeze', {}, 'freeze: [mon 00:00 - sun 23:59 Europe/Paris, sun 20:00 - mon 02:00 Europe/Paris]'), 'warn', /promote is frozen \(20/, /force: true/);
  const day = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 3) % 7];
  is(await ofProd('freeze', {}, `freeze: [${day} 08:00 - ${day} 18:00 Europe/Paris]`), 'ok', /1 window, not now/);
  both('freeze: [someday]');
  is((await doctor(world)).of('configuration'), 'fail', /environments\.prod\.freeze = "someday": must be a window of the week/);
  rmSync(join(world.root, 'link'), { force: true });
});

test('no takeover of an older pipeline\'s rollback point is advised for what versions come to by promotes', async () => {
  const old = join(world.stateDir, 'last-validated-sha.txt');
  writeFileSync(old, `${world.good}\n`);
  for (const lines of [[], [`backup: { paths: [${files}] }`], [`rollback-point-file: ${old}`]]) {
    both(...lines);
    for (const inputs of [{}, { environment: 'prod' }]) {
      assert.doesNotMatch((await doctor(world, inputs)).log, /take it over/, lines.join());
    }
  }
  rmSync(old);
});
