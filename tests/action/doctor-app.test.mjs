// `doctor` on the work tree, the compose file with its containers, and the site.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort } from '../world/app.mjs';
import { ensureEngine } from '../world/engine.mjs';
import { git } from '../world/git.mjs';
import { asNobody, asRoot, configure, doctor, give, healthy, is, programs, settings, systemctl } from './doctor-support.mjs';

let world;
before(async () => (world = await healthy()));
after(() => world.close());

const at = (...parts) => join(world.vm, ...parts);

test('an app-path that is not there, no repository, or empty is told, each as that', async () => {
  const missing = (await doctor(world, { 'app-path': at('nothing') })).of('work tree');
  is(missing, 'fail', /nothing does not exist/, /^git clone https:\/\/github\.com\/octo\/app\.git .*nothing$/);
  is((await doctor(world, { 'app-path': world.home })).of('work tree'), 'fail', /is in no git repository/);
  const empty = join(world.root, 'empty');
  git(world.root, 'init', '-q', empty);
  is((await doctor(world, { 'app-path': empty })).of('work tree'), 'fail', /has no commit yet/, / pull$/);
});

test('a work tree that another environment deploys to fails', async () => {
  const file = at('.git', 'mangetamain-deploy');
  const other = join(world.root, 'other-state');
  mkdirSync(other);
  writeFileSync(file, `${other}\nstaging\n`);
  is((await doctor(world)).of('work tree'), 'ok', /./);
  writeFileSync(join(other, 'ledger.jsonl'), '');
  const found = (await doctor(world)).of('work tree');
  is(found, 'fail', /belongs to the environment staging/, /clone of its own with `app-path`; .*rm .*mangetamain-deploy$/);
  const before = join(world.root, 'state-before', 'preprod');
  mkdirSync(before, { recursive: true });
  writeFileSync(join(before, 'ledger.jsonl'), '');
  writeFileSync(file, `${before}\npreprod\n`);
  const left = (await doctor(world)).of('work tree');
  rmSync(file);
  is(left, 'fail', /is this environment's already, and its state is in .*state-before\/preprod/, /^set `state-dir` back to .*state-before; /);
});

test('two environments of one clone are told before any deploy, and a promote\'s dry run is refused by what one has left', async () => {
  const other = settings(world).split('\n').slice(2).join('\n');
  configure(world, `${settings(world)}  prod:\n${other}    promote-from: preprod\n    backup: none\n`);
  rmSync(at('.git', 'mangetamain-deploy'), { force: true });
  const unmarked = (await doctor(world)).findings.filter(({ check }) => check === 'work tree');
  const [first, second] = [await doctor(world, { environment: 'preprod' }), await doctor(world, { environment: 'prod' })];
  writeFileSync(at('.git', 'mangetamain-deploy'), `${join(world.stateDir, 'preprod')}\npreprod\n`);
  const inputs = { environment: 'prod', 'dry-run': 'true' };
  const planned = await world.runAction({ mode: 'promote', sha: world.good, inputs });
  configure(world, settings(world));
  assert.deepEqual(unmarked.map(({ level }) => level), ['ok', 'fail']);
  is(first.of('work tree'), 'ok', /./);
  is(second.of('work tree'), 'fail', /is the environment preprod's as well/, /clone of its own with `app-path`$/);
  is(unmarked[1], 'fail', /is the environment preprod's as well, and a clone has one live version/, /clone of its own with `app-path`$/);
  assert.equal(planned.exit, 1, planned.log);
  assert.match(planned.log, /belongs to the environment `preprod`/);
});

test('containers that no deploy would restart are told, and by which file they run', async () => {
  configure(world, settings(world).replace(/ +compose: .*\n/, ''));
  const found = (await doctor(world)).of('compose');
  const withCommand = (await doctor(world, { 'deploy-command': 'true' })).of('compose');
  configure(world, settings(world));
  is(found, 'warn', /^no `compose\.file`, and \S+ runs by \S+\/docker-compose\.yml: a deploy will not restart it$/, /^compose\.file: \S+\/docker-compose\.yml$/);
  is(withCommand, 'skip', /no containers to restart/);
});

test('commits that were made on the machine are told with where the next deploy keeps them', async () => {
  const before = git(world.vm, 'rev-parse', 'HEAD').trim();
  await assert.rejects(doctor(world).then((result) => result.of('commits')), /no finding of commits/);
  git(world.vm, '-c', 'user.name=ops', '-c', 'user.email=ops@example.org', 'commit', '-q', '--allow-empty', '-m', 'By hand');
  const result = await doctor(world);
  git(world.vm, 'reset', '-q', '--hard', before);
  is(result.of('commits'), 'warn', /^1 commit is not on origin\/main; .*refs\/mangetamain-deploy\/commits\//, /log origin\/main\.\., then push or drop that$/);
});

test('a clone of another repository fails, and no remote at all too', async () => {
  git(world.vm, 'config', '--add', `url.file://${world.repository.origin}.insteadOf`, 'https://github.com/octo/other.git');
  git(world.vm, 'remote', 'set-url', 'origin', 'https://github.com/octo/other.git');
  is((await doctor(world)).of('remote'), 'fail', /origin is https:\/\/github\.com\/octo\/other\.git, and this workflow is octo\/app's/);
  git(world.vm, 'remote', 'set-url', 'origin', `file://${world.repository.origin}`);
  is((await doctor(world)).of('remote'), 'warn', /origin is file:/);
  git(world.vm, 'config', '--unset', 'remote.origin.url');
  is((await doctor(world)).of('remote'), 'fail', /no `origin`/, /remote add origin URL$/);
  git(world.vm, 'config', 'remote.origin.url', 'https://github.com/octo/app.git');
});

test('a token in the remote\'s address is told, and not shown', async () => {
  git(world.vm, 'config', '--add', `url.file://${world.repository.origin}.insteadOf`, 'https://mona:hunter2secret@github.com/octo/app.git');
  git(world.vm, 'remote', 'set-url', 'origin', 'https://mona:hunter2secret@github.com/octo/app.git');
  const result = await doctor(world);
  git(world.vm, 'remote', 'set-url', 'origin', 'https://github.com/octo/app.git');
  is(result.of('remote', 'warn'), 'warn', /a password or token stands in origin's address/, /revoke that token/);
  assert.ok(!result.stdout.includes('hunter2secret') && !result.summary.includes('hunter2secret'));
});

test('a branch that does not exist, and a remote that does not answer, are told apart', async () => {
  is((await doctor(world, { branch: 'nothing' })).of('branch'), 'fail', /origin has no branch nothing/, /set `branch`/);
  const away = `${world.repository.origin}.away`;
  renameSync(world.repository.origin, away);
  const result = await doctor(world, {}, { sha: world.good });
  renameSync(away, world.repository.origin);
  is(result.of('branch'), 'fail', /origin does not answer: exit code 128: /, /ls-remote origin main$/);
});

test('a folder in which a reset could not write is told with its owner', asRoot, async () => {
  const env = asNobody(world);
  give(world.vm, 65534);
  give(at('www'), 0);
  chmodSync(at('www'), 0o755);
  const result = await doctor(world, {}, { env });
  is(result.of('rights'), 'fail', /www is root's, nobody cannot write to it: git reset would fail/, /^sudo chown -R nobody /);
  give(world.vm, 65534);
  is((await doctor(world, {}, { env })).of('rights'), 'ok', /every folder/);
  give(world.vm, 0);
});

test('a lock that git left is told, and whether somebody holds it', async () => {
  writeFileSync(at('.git/index.lock'), '');
  const result = await doctor(world);
  rmSync(at('.git/index.lock'));
  is(result.of('index.lock'), 'warn', /was left by a git that was stopped; the next deploy removes it/, /^rm .*index\.lock$/);
});

test('files changed by hand are told with where the next deploy keeps them', async () => {
  writeFileSync(at('stamp.sh'), '#!/bin/sh\n# by hand\n');
  const result = await doctor(world);
  git(world.vm, 'checkout', '-q', 'stamp.sh');
  is(result.of('changed'), 'warn', /1 tracked file changed by hand \(stamp\.sh\).*refs\/mangetamain-deploy\/stash/);
});

test('a command that brings a version live without a container, and no answer that names it, are told', async () => {
  const told = async (inputs) => (await doctor(world, inputs)).findings.filter(({ seen }) => seen.startsWith('nothing proves which version answers')).length;
  const command = { 'deploy-command': 'true' };
  assert.equal(await told(command), 0, 'a container tells when it started');
  configure(world, settings(world).replace(/ +compose: .*\n/, ''));
  assert.deepEqual([await told(command), await told({ ...command, 'health-contains': '{sha}' }), await told({})], [1, 0, 0]);
  configure(world, settings(world));
});

test('a guarded path that means nothing is told', async () => {
  const guard = async (globs) => (await doctor(world, { 'guard-paths': globs })).of('guard');
  is(await guard('www/**\nmigration/**'), 'warn', /^migration\/\*\*, in `guard-paths`, means no file/, /from the repository's top folder or from `app-path`/);
  await assert.rejects(guard('www'), /no finding of guard/);
});

test('a deploy command is looked for where it is run, and must be executable', async () => {
  writeFileSync(at('deploy.sh'), '#!/bin/sh\n');
  chmodSync(at('deploy.sh'), 0o644);
  const command = async (program) => (await doctor(world, { 'deploy-command': program })).of('command');
  is(await command('./deploy.sh'), 'fail', /deploy\.sh is not executable/, /chmod=\+x/);
  chmodSync(at('deploy.sh'), 0o755);
  is(await command('./deploy.sh\n--now'), 'ok', /deploy\.sh$/);
  rmSync(at('deploy.sh'));
  is(await command('./deploy.sh'), 'fail', /does not exist/, /one word a line/);
  is(await command('sh'), 'ok', /\/sh$/);
  is(await command('no-such-program'), 'fail', /does not exist/);
});

test('files of LFS without git-lfs fail, and submodules that are not there are told', async () => {
  const other = join(world.root, 'git/module.git');
  git(world.root, 'clone', '-q', '--bare', world.repository.origin, other);
  git(world.repository.author, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', `file://${other}`, 'module');
  world.repository.publish({ message: 'More', files: { '.gitattributes': '*.bin filter=lfs\n', 'big.bin': 'version https://git-lfs.github.com/spec/v1\n' } });
  git(world.vm, 'pull', '-q', '--no-recurse-submodules');
  const without = programs(world, { ...systemctl(''), 'git-lfs': 'exit 127' });
  const result = await doctor(world, {}, { env: without });
  is(result.of('LFS'), 'fail', /1 file of LFS, and git-lfs is not installed/, /apt-get install git-lfs/);
  is(result.of('submodules'), 'warn', /not there, or at another commit: module/, /submodule update --init --recursive$/);
  const withLfs = programs(world, { ...systemctl(''), 'git-lfs': 'echo git-lfs/3.3.0' });
  git(world.vm, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'update', '--init');
  is((await doctor(world, {}, { env: withLfs })).of('LFS'), 'fail', /big\.bin is an LFS pointer, not the file itself/, /lfs install && git -C \S+ lfs pull$/);
  writeFileSync(join(world.vm, 'big.bin'), 'the file itself\n');
  const mended = await doctor(world, {}, { env: withLfs });
  git(world.vm, 'checkout', '-q', 'big.bin');
  is(mended.of('LFS'), 'ok', /git-lfs is there/);
  is(mended.of('submodules'), 'ok', /1 at its commit/);
});

test('a shallow clone is told, with how to make it whole', async () => {
  const shallow = join(world.root, 'shallow');
  world.repository.clone(shallow, { depth: 1 });
  is((await doctor(world, { 'app-path': shallow })).of('history'), 'warn', /shallow clone; the first deploy fetches the rest/, /fetch --unshallow origin$/);
});

test('a compose file that is not there is told with those beside it', async () => {
  const result = await doctor(world, { 'compose-file': at('docker-compose-preprod.yml') });
  is(result.of('compose', 'fail'), 'fail', /docker-compose-preprod\.yml does not exist/, /compose\.file: docker-compose\.yml\?/);
});

test('a service without a compose file is told as that, once', async () => {
  configure(world, settings(world).replace(/^ *compose: .*\n/m, ''));
  const { findings, of } = await doctor(world, { 'compose-service': 'web' });
  configure(world, settings(world));
  is(of('configuration'), 'fail', /compose-file: is required beside `compose-service`/);
  const twice = findings.filter(({ place, check }) => place !== 'machine' && ['compose', 'containers'].includes(check));
  assert.deepEqual(twice, []);
});

test('a compose file that compose refuses is told in compose\'s words', async () => {
  writeFileSync(at('broken.yml'), 'services:\n  web:\n    imagee: nothing\n');
  const result = await doctor(world, { 'compose-file': at('broken.yml') });
  rmSync(at('broken.yml'));
  is(result.of('compose', 'fail'), 'fail', /compose refuses .*broken\.yml: service "?web"? has neither an image/, /^docker compose -f .*broken\.yml config$/);
});

test('a service that the file does not have is told with the nearest', async () => {
  const result = await doctor(world, { 'compose-service': 'wbe' });
  is(result.of('compose', 'fail'), 'fail', /no service "wbe"; there are web/, /^compose\.service: web$/);
});

test('a container that does not run is told with how to see why, and one that a restart would not make too', async () => {
  const other = { 'compose-file': at('compose.yml') };
  writeFileSync(at('compose.yml'), 'services:\n  web:\n    image: none\n');
  is((await doctor(world, other)).of('containers'), 'skip', /none yet/);
  const restart = (await doctor(world, { ...other, 'compose-strategy': 'restart' })).of('containers');
  is(restart, 'fail', /`compose\.strategy: restart` makes none/, /^docker compose -f .*compose\.yml up -d$/);
  rmSync(at('compose.yml'));
  writeFileSync(at('www/exit-code'), '3');
  world.engine.compose(world.vm, 'restart');
  const down = await doctor(world);
  rmSync(at('www/exit-code'));
  world.engine.compose(world.vm, 'restart');
  is(down.of('containers'), 'fail', /web-1: exited \(exit code 3\)/, /^docker logs --tail 50 /);
  is(down.of('site'), 'fail', /no connection/, /^curl -sSi /);
});

test('a site is asked as a health check would ask it', async () => {
  const site = async (inputs) => (await doctor(world, inputs)).of('site');
  is(await site({ 'health-contains': 'version' }), 'ok', /answers as expected/);
  is(await site({ 'health-contains': 'Mangetamain' }), 'fail', /text "Mangetamain" missing; the answer begins "/);
  is(await site({ 'health-status': '204' }), 'fail', /status 200 instead of 204/);
  is(await site({ 'health-json': 'status=ok' }), 'fail', /no JSON/);
  is(await site({ 'health-url': `http://127.0.0.1:${await freePort()}/` }), 'fail', /no connection/);
});

const engines = await ensureEngine();
const engine = engines.v2 ? 'real-v2' : 'real-v1';
const skip = engines.v2 || engines.v1 ? false : 'no engine answers here';

test('on a real engine, a container that ignores SIGTERM and one that stays away after a reboot are told', { skip }, async () => {
  const real = await healthy({ engine, app: { heedsTerm: false, restart: 'no' } });
  try {
    const result = await doctor(real);
    is(result.of('stop'), 'warn', /^web ignores SIGTERM \(\/bin\/sh as process 1, no init\): every restart waits 10 s$/, /init: true/);
    is(result.of('reboot'), 'warn', /nothing starts web again/, /restart: unless-stopped/);
    is(result.of('docker'), 'ok', /engine \d/);
  } finally {
    await real.close();
  }
});

test('on a real engine, a container with an init is well, and compose v1 is told with what v2 would bring', { skip: engines.v1 ? false : 'no Compose v1 here' }, async () => {
  const real = await healthy({ engine: 'real-v1' });
  try {
    const result = await doctor(real);
    is(result.of('stop'), 'ok', /all heed SIGTERM/);
    is(result.of('compose', 'warn'), 'warn', /^docker-compose 1\.29\.\d \(v1/, /docker-compose-plugin/);
    is(result.of('compose', 'ok'), 'ok', /docker-compose\.yml: web/);
  } finally {
    await real.close();
  }
});
