// `doctor` on a machine where nothing is wrong, its whole screen; then the configuration, the machine
// and the runner, each thing once as it should be and once not.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathWithout } from '../world/path.mjs';
import { asNobody, asRoot, configure, doctor, healthy, is, programs, settings, systemctl } from './doctor-support.mjs';

let world;
before(async () => (world = await healthy()));
after(() => world.close());

// What differs from machine to machine and from run to run.
const scrubbed = (text) => text
  .replaceAll(world.root, '<root>').replaceAll(world.good.slice(0, 7), '<sha7>').replaceAll(world.url, '<url>')
  .replaceAll(/app-[0-9a-f]{8}/g, '<app>').replaceAll(/v\d+\.\d+\.\d+ (on|sur)/g, 'v<node> $1')
  .replace(/^( +ok +git +).*/m, '$1<version>').replace(/^( +ok +flock +).*/m, '$1<version>')
  .replaceAll(/^ +(ok|WARN|ALERTE) +(disk|disque) .*\n( +→ .*\n)?/gm, '')
  .replaceAll(/\d+([.,]\d+)? m?s\b/g, '<time>').replaceAll(/\d+ (requ\S+) (left|restantes)/g, '<n> $1 $2')
  .replaceAll(/(anew in|dans) \d+ min <time>/g, '$1 <time>').replaceAll(/\d+ (entries|entrées)/g, '<n> $1');

const ENGLISH = `machine
  ok     configuration   <root>/_work/app/app/.github/mangetamain-deploy.yml: preprod
  ok     node            v<node> on linux
  ok     git             <version>
  ok     flock           <version>
  ok     clock           the same time as GitHub's
  ok     docker          engine 20.10.24-stand-in answers
  ok     compose         docker compose 2.26.1-stand-in

runner
  ok     tracking        a watcher starts without RUNNER_TRACKING_ID, and outlives the job
  ok     folders         <root>/_work/_temp can be written to
  ok     service         actions.runner.octo-app.vm.service: KillMode=process, a watcher outlives the runner's restart

GitHub and Discord
  ok     repository      octo/app, public
  ok     token           token of a job or an App (ghs_)
  skip   watch-token     no \`watch-token\`: the job, or the workflow_run trigger, follows CI
  ok     CI              ci.yml ("CI"): 1 run on main
  ok     deployments     can be read
  ok     rate limit      <n> requests left of 5000, counted anew in <time>
  ok     Discord         webhook "world" answers (nothing was sent)

environment preprod
  ok     work tree       <root>/<app> at <sha7> Version 2
  ok     remote          https://github.com/octo/app.git
  ok     branch          origin/main is at <sha7>
  ok     rights          every folder of it can be written to
  ok     compose         <root>/<app>/docker-compose.yml: web
  ok     containers      running: <app>-web-1
  ok     stop            all heed SIGTERM
  ok     reboot          the containers come back when the machine restarts
  ok     site            <url> answers as expected in <time>
  ok     state           <root>/state/preprod: write, rename and fsync succeed
  ok     ledger          <n> entries; live <sha7>, last validated <sha7>
  ok     lock            free
  ok     rollback point  <root>/state/preprod/last-validated-sha.txt says <sha7>, as the ledger does
  ok     logs            <root>/log
`;

test('on a machine where nothing is wrong, doctor says so on one screen', async () => {
  const result = await doctor(world);
  assert.equal(result.exit, 0, result.log);
  assert.deepEqual([result.outputs.result, result.problems], ['ok', []]);
  const [screen, rest] = scrubbed(result.log).split(/\n(?=doctor: )/);
  assert.equal(`${screen}`, ENGLISH);
  assert.match(rest, /^doctor: 0 failed, 0 warnings, \d+ ok, 1 skipped \(<time>\)\nNothing here keeps the other modes from working\.$/m);
  assert.equal(JSON.parse(result.outputs.state).preprod.live.sha, world.good);
  assert.match(result.summary, /^### ✅ doctor: 0 failed/);
  assert.deepEqual(world.discord.messages, [], 'doctor posts nothing');
  for (const secret of world.secrets) assert.ok(!(result.log + result.summary + result.outputs.state).includes(secret));
});

test('in French it is the same screen, line by line', async () => {
  const result = await doctor(world, { locale: 'fr' });
  const lines = result.log.split('\n');
  const levels = lines.filter((line) => /^ {2}(ok|sauté) /.test(line)).length;
  assert.equal(levels, ENGLISH.split('\n').filter((line) => /^ {2}(ok|skip) /.test(line)).length + lines.filter((line) => / disque /.test(line)).length);
  assert.match(result.log, /^ {2}ok {5}horloge {9}à l'heure de GitHub$/m);
  assert.match(result.log, /^ {2}ok {5}point de rollback /m);
  assert.match(result.log, /doctor : 0 échec, 0 alerte, \d+ ok, 1 sauté \(/);
});

test('on a terminal it shows the same, without a job, and by the work tree alone knows the repository', async () => {
  const given = { ...world.engine.env, GITHUB_API_URL: world.github.url, GITHUB_TOKEN: world.token };
  const args = ['doctor', '--config', join(world.root, '_work/app/app/.github/mangetamain-deploy.yml'), '--locale', 'en'];
  const result = await world.runCommand(args, { env: given });
  assert.equal(result.exit, 0, result.stdout + result.stderr);
  assert.match(result.stdout, /^ {2}ok {5}repository {6}octo\/app, public$/m);
  assert.match(result.stdout, /^ {2}skip {3}job {13}not in a job/m);
  assert.match(result.stdout, /^ {2}skip {3}Discord /m);
});

test('problems of the configuration are findings, and the rest is checked all the same', async () => {
  configure(world, settings(world, ['helth: { attempts: 3 }', 'health: { attempts: many }']));
  const result = await doctor(world);
  configure(world, settings(world));
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed']);
  const told = result.findings.filter((it) => it.check === 'configuration').map((it) => it.seen);
  assert.equal(told.length, 2, result.log);
  assert.match(told[0], /environments\.preprod\.helth\.attempts: is not a known setting\. Did you mean `health\.attempts`\?/);
  assert.match(told[1], /environments\.preprod\.health\.attempts = "many": must be a whole number/);
  is(result.of('containers'), 'ok', /running/);
  assert.match(result.annotations.at(-1).text, /^To mend, in this order:\n 1\. machine, configuration/);
});

test('a file that is no YAML is one finding, and the machine is checked all the same', async () => {
  configure(world, 'environments:\n\tpreprod: {}\n');
  const result = await doctor(world);
  configure(world, settings(world));
  is(result.of('configuration'), 'fail', /is not YAML that can be read/);
  is(result.of('git'), 'ok', /^\d/);
});

test('without a file, an input or a state folder there is nothing to check, and that is told', async () => {
  const result = await doctor(world, { config: '', 'state-dir': join(world.root, 'nothing') }, { env: { GITHUB_WORKSPACE: world.home } });
  is(result.of('configuration'), 'fail', /no environment: no file .*, nothing in /, /run it in the repository/);
});

test('a program that is missing is told with its package', async () => {
  const without = (name) => ({ PATH: `${world.path.PATH.split(':')[0]}:${pathWithout([name], join(world.root, `without-${name}`), world.engine.env.PATH)}` });
  const noFlock = await doctor(world, {}, { env: without('flock') });
  is(noFlock.of('flock'), 'fail', /not installed/, /^sudo apt-get install util-linux$/);
  const noGit = await doctor(world, {}, { env: without('git') });
  is(noGit.of('git'), 'fail', /not installed/, /^sudo apt-get install git$/);
});

test('a git that is too old fails, and one that cannot be given a token is warned of', async () => {
  const git = (version) => programs(world, { ...systemctl(''), git: `[ "$1" = --version ] && echo "git version ${version}" && exit\nexec ${realGit()} "$@"` });
  is((await doctor(world, {}, { env: git('2.17.1') })).of('git'), 'fail', /2\.17\.1; 2\.18 or later/, /apt-get/);
  is((await doctor(world, {}, { env: git('2.25.1') })).of('git'), 'warn', /before 2\.31 it cannot be given the token/);
  is((await doctor(world, {}, { env: git('2.31.0') })).of('git'), 'ok', /2\.31\.0/);
});

const realGit = () => process.env.PATH.split(':').map((folder) => join(folder, 'git')).find((file) => existsSync(file));

test('little room on a disk is warned of, next to none fails, and so do files that run out', async () => {
  const df = (row) => programs(world, { ...systemctl(''), df: `echo head; for path in "$@"; do case $path in /*) echo "${row}";; esac; done` });
  is((await doctor(world, {}, { env: df('10000000000 1000000000 0 0 /srv') })).of('disk'), 'warn', /\/srv: 953\.6 MiB free of 9\.3 GiB \(app-path, state-dir, docker\)/, /du -xh/);
  is((await doctor(world, {}, { env: df('10000000000 1000000 100 90 /srv') })).of('disk'), 'fail', /room for 90 more files/);
  is((await doctor(world, {}, { env: df('10000000000 1000000 - - /srv') })).of('disk'), 'fail', /976\.5 KiB free/);
  is((await doctor(world, {}, { env: df('10000000000 9000000000 0 0 /srv') })).of('disk'), 'ok', /8\.3 GiB free/);
});

test('a clock that is off is told by how much', async () => {
  const at = (ms) => world.github.setHeaders({ date: new Date(Date.now() - ms).toUTCString() });
  at(60_000);
  is((await doctor(world)).of('clock'), 'warn', /^(5[89](\.\d)? s|1 min( 0\d s)?) ahead of GitHub's$/, /timedatectl/);
  at(-3_600_000);
  is((await doctor(world)).of('clock'), 'fail', /behind GitHub's/);
  world.github.setHeaders({});
  is((await doctor(world)).of('clock'), 'ok', /the same time/);
});

test('a runner whose restart would kill a watcher is told, and fails where a watcher is wanted', async () => {
  const env = programs(world, systemctl('Id=actions.runner.octo-app.vm.service\nKillMode=control-group\nUser=ci\n'));
  is((await doctor(world, {}, { env })).of('service'), 'warn', /KillMode=control-group/, /systemctl edit actions\.runner\.octo-app\.vm\.service/);
  is((await doctor(world, { watch: 'detached' }, { env })).of('service'), 'fail', /KillMode=control-group/);
  is((await doctor(world, {}, { env: programs(world, systemctl('')) })).of('service'), 'skip', /no actions\.runner/);
});

test('a tracking id that the workflow sets, or none, is told', async () => {
  is((await doctor(world, {}, { env: { RUNNER_TRACKING_ID: '0' } })).of('tracking'), 'warn', /the workflow itself sets RUNNER_TRACKING_ID \(0\)/);
  is((await doctor(world, {}, { env: { RUNNER_TRACKING_ID: '' } })).of('tracking'), 'ok', /no RUNNER_TRACKING_ID/);
});

test('a job on a machine of GitHub\'s, or in a container, is told', async () => {
  is((await doctor(world, {}, { env: { RUNNER_ENVIRONMENT: 'github-hosted' } })).of('job'), 'fail', /machine of GitHub's/, /self-hosted/);
  is((await doctor(world, {}, { env: { RUNNER_TEMP: '/__w/_temp' } })).of('job'), 'warn', /in a container/);
});

test('state in a folder that the runner empties fails, the work tree there is warned of', async () => {
  const temp = join(world.root, '_work/_temp');
  is((await doctor(world, { 'state-dir': join(temp, 'state') })).of('folders'), 'fail', /`state-dir` \(.*\) is in .*_temp, which the runner/);
  const inside = join(world.root, '_work/app/app');
  is((await doctor(world, { 'app-path': inside })).of('folders'), 'warn', /`app-path`/);
});

test('an engine that does not run, a socket that is not ours, and no docker at all are told apart', asRoot, async () => {
  const fails = { ...systemctl(''), docker: 'echo "Cannot connect to the Docker daemon" >&2; exit 1' };
  const down = { ...programs(world, fails), DOCKER_HOST: `unix://${world.root}/no.sock` };
  const seen = await doctor(world, {}, { env: down });
  is(seen.of('docker'), 'fail', /the engine does not run: there is no .*no\.sock/, /systemctl enable --now docker/);
  is(seen.of('containers'), 'skip', /nothing to ask without an engine/);
  const socket = join(world.root, 'docker.sock');
  writeFileSync(socket, '', { mode: 0o600 });
  const denied = await doctor(world, {}, { env: { ...down, ...asNobody(world), DOCKER_HOST: `unix://${socket}` } });
  is(denied.of('docker'), 'fail', /nobody may not use .*docker\.sock \(group root\)/, /^sudo usermod -aG root nobody, then restart the runner's service/);
  const env = { PATH: `${world.path.PATH.split(':')[0]}:${pathWithout(['docker', 'docker-compose'], join(world.root, 'without-docker'), process.env.PATH)}` };
  const none = await doctor(world, {}, { env });
  is(none.of('docker'), 'fail', /not installed/, /docs\.docker\.com/);
  is(none.of('compose', 'fail'), 'fail', /neither `docker compose` nor `docker-compose` answers/, /apt-get install docker-compose-plugin/);
});

test('what hangs is told after its limit, and holds nothing else up', async () => {
  const env = programs(world, { ...systemctl(''), docker: 'trap "" TERM; sleep 1000' });
  world.github.fault({ kind: 'hang', times: 9 });
  world.discord.fault({ kind: 'hang', times: 9 });
  const result = await doctor(world, {}, { env });
  world.github.clearFaults();
  world.discord.clearFaults();
  is(result.of('docker'), 'fail', /the engine does not answer: no answer within 10 s/);
  is(result.of('repository'), 'fail', /was not reached \(timeout/);
  is(result.of('Discord'), 'warn', /was not reached/);
  is(result.of('work tree'), 'ok', /Version 2/);
});
