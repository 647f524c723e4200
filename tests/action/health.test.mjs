// `health` through the committed bundle: what real sites do to it, what is told, what is remembered.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { freePort } from '../world/app.mjs';
import { until } from '../world/scenario.mjs';
import { breaks, floods, hangs, redirects, says, startSite, trickles, withSites } from '../world/site.mjs';
import { deploy, headlines, inWorld, texts, validated } from './support.mjs';

const BARE = { engine: 'none', running: false };
const QUICK = { 'health-interval': '30ms', 'health-attempts': '2', 'health-timeout': '2s' };

/** Checks these URLs as the environment preprod. */
const check = (world, urls, inputs = {}, more = {}) =>
  world.runAction({ mode: 'health', inputs: { ...QUICK, 'app-path': null, 'health-url': [urls].flat().join('\n'), ...inputs }, ...more });

const onSites = (options, work) => inWorld(BARE, (world) => withSites(options, (...sites) => work(world, ...sites)));
const one = (work, options = {}) => onSites([options], work);

function memory(world, environment = 'preprod') {
  const file = join(world.stateDir, environment, 'health.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)) : [];
}

test('a site that is well is checked in silence, and remembered', () => one(async (world, site) => {
  const result = await check(world, site.url, { 'health-contains': 'Mangetamain' });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'healthy'], result.stdout);
  assert.deepEqual([world.discord.messages.length, result.problems], [0, []]);
  assert.match(result.summary, /^### ✅ Santé : 1 cible en ligne\n/);
  assert.match(result.summary, /\| PREPROD \| .* \| ✅ en ligne \| \d+ ms \| - \| - \|/);
  assert.match(result.outputs['duration-ms'], /^\d+$/);
  const [line] = memory(world);
  assert.deepEqual([line.url, line.result, typeof line.at, typeof line.ms], [site.url, 'up', 'number', 'number']);
  assert.equal(JSON.parse(result.outputs.state).preprod.health[0].result, 'up');
  assert.equal(statSync(join(world.stateDir, 'preprod/health.jsonl')).mode & 0o777, 0o600);
  assert.equal(statSync(join(world.stateDir, 'preprod')).mode & 0o777, 0o700);
}));

test('a server that packs what it sends is asked not to, and the text is found', () => one(async (world, site) => {
  site.answer = ({ headers: { 'accept-encoding': accepted = '*' } }, response) => {
    const isPacked = accepted !== 'identity';
    response.writeHead(200, { 'content-type': 'text/html', ...(isPacked ? { 'content-encoding': 'gzip' } : {}) });
    response.end(isPacked ? gzipSync('Mangetamain') : 'Mangetamain');
  };
  const result = await check(world, site.url, { 'health-contains': 'Mangetamain' });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'healthy'], result.stdout);
}));

test('DOWN is told once, and recovery with how long it was down', () => one(async (world, site) => {
  await check(world, site.url);
  site.answer = says(503, 'maintenance');
  for (let hour = 0; hour < 2; hour += 1) {
    const result = await check(world, site.url);
    assert.deepEqual([result.exit, result.outputs.result], [1, 'unhealthy'], result.stdout);
    assert.match(result.log, /DOWN après 2 essais.*code HTTP 503 au lieu de 200/);
    const said = result.annotations.at(-1).text;
    assert.match(said, /À faire : `mangetamain-deploy status --state-dir \S+` sur la machine, puis les journaux du site$/, 'nothing to go back to');
    assert.ok(said.includes(`preprod : version en ligne inconnue (aucun déploiement dans ${world.stateDir}/preprod)`), said);
  }
  site.answer = says(200, 'back');
  const back = await check(world, site.url);
  assert.deepEqual([back.exit, back.outputs.result], [0, 'healthy']);
  assert.deepEqual(headlines(world), ['🚨 PREPROD - Site DOWN', '✅ PREPROD - Site de nouveau en ligne']);
  assert.match(texts(world)[0], /➡️ Sur la machine :\n```\nmangetamain-deploy status --state-dir \S+\n```/);
  assert.match(texts(world)[1], /DOWN pendant \d/);
}));

test('at a terminal that DOWN is told in its language, and on Discord in the team\'s', () => one(async (world, site) => {
  site.answer = says(503, 'maintenance');
  const args = ['health', '--environment', 'preprod', '--state-dir', world.stateDir, '--health-url', site.url, '--health-attempts', '1'];
  const result = await world.runCommand(args, { env: { LANG: 'C', DISCORD_WEBHOOK_URL: world.discord.webhookUrl } });
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.stdout, /🚨 PREPROD - Site DOWN\n.*status 503 instead of 200\n➡️ On the machine:/);
  assert.doesNotMatch(result.stdout, /au lieu de|Sur la machine/);
  assert.match(texts(world)[0], /code HTTP 503 au lieu de 200/);
}));

const FAULTS = [
  ['trickles a byte a second', () => trickles, { 'health-timeout': '400ms' }, /no whole answer in time/],
  ['redirects for ever', () => redirects, {}, /more than 5 redirects/],
  ['says nothing', () => hangs, { 'health-timeout': '400ms' }, /no whole answer in time/],
  ['breaks the connection', () => breaks, {}, /the connection broke/],
  ['has another text', () => says(200, 'Welcome to nginx!'), { 'health-contains': 'Mangetamain' }, /text "Mangetamain" missing; the answer begins "Welcome to nginx!"/],
  ['has another value in its JSON', () => says(200, '{"status":"starting"}'), { 'health-json': 'status=ok' }, /the value "starting" there/],
  ['has no JSON', () => says(200, 'ok'), { 'health-json': 'status=ok' }, /a body that is no JSON/],
];
for (const [name, answer, inputs, why] of FAULTS) {
  test(`a site that ${name} is DOWN, and says why`, () => one(async (world, site) => {
    site.answer = answer();
    const result = await check(world, site.url, inputs);
    assert.deepEqual([result.exit, result.outputs.result], [1, 'unhealthy'], result.stdout);
    assert.match(result.log, why);
    assert.deepEqual(headlines(world), ['🚨 PREPROD - Site DOWN']);
  }));
}

test('of a site that answers a gibibyte only the beginning is read', () => one(async (world, site) => {
  const sent = { bytes: 0 };
  site.answer = floods(sent);
  const result = await check(world, site.url, { 'health-contains': 'Mangetamain', 'health-attempts': '1' });
  assert.equal(result.outputs.result, 'unhealthy', result.stdout);
  assert.match(result.log, /not in the first 1048576 bytes of the body/);
  assert.ok(sent.bytes < 64 * 2 ** 20, `${sent.bytes} bytes were taken`);
}));

test('a refused connection is DOWN, even of the only target', () => inWorld(BARE, async (world) => {
  const result = await check(world, `http://127.0.0.1:${await freePort()}/`);
  assert.deepEqual([result.exit, result.outputs.result], [1, 'unhealthy'], result.stdout);
  assert.match(result.log, /no connection/);
}));

test('a name that is not found beside a site that answers is DOWN', () => one(async (world, site) => {
  const result = await check(world, [site.url, 'http://no-such-host.invalid/']);
  assert.deepEqual([result.exit, result.outputs.result], [1, 'unhealthy'], result.stdout);
  assert.match(result.log, /the name was not found/);
}));

test('where nothing at all can be reached, nothing is DOWN, and that is said once', () => inWorld(BARE, async (world) => {
  const urls = ['http://a.no-such-host.invalid/', 'https://b.no-such-host.invalid/'];
  for (let hour = 0; hour < 2; hour += 1) {
    const result = await check(world, urls);
    assert.deepEqual([result.exit, result.outputs.result], [0, 'pending'], result.stdout);
    assert.match(result.log, /Aucune cible n'est joignable/);
    assert.match(result.summary, /^### ⚠️ /);
  }
  assert.deepEqual(headlines(world), ['⚠️ Surveillance - Contrôle impossible']);
}));

test('a certificate that has expired is DOWN, and one that ends soon is warned of', () =>
  onSites([{ days: -1 }, { days: 10 }, { days: 90 }], async (world, expired, soon, later) => {
    const trust = (site) => ({ env: { NODE_EXTRA_CA_CERTS: site.certificate } });
    const down = await check(world, expired.url, {}, trust(expired));
    assert.deepEqual([down.exit, down.outputs.result], [1, 'unhealthy'], down.stdout);
    assert.match(down.log, /certificate has expired/);
    for (let hour = 0; hour < 2; hour += 1) {
      const near = await check(world, soon.url, {}, trust(soon));
      assert.deepEqual([near.exit, near.outputs.result], [0, 'healthy'], near.stdout);
      assert.match(near.summary, /⚠️ 9 \|/);
    }
    assert.match((await check(world, later.url, {}, trust(later))).summary, /\| 89 \|/);
    assert.deepEqual(headlines(world), ['🚨 PREPROD - Site DOWN', '🔐 PREPROD - Certificat bientôt expiré']);
    const unknown = await check(world, later.url);
    assert.match(unknown.log, /DOWN .*no safe connection/, 'nobody signed it: certificates are verified');
  }));

test('what a site says cannot command the runner, Discord or the summary', () => one(async (world, site) => {
  site.answer = says(200, '::error::owned @everyone <script>|[x](http://evil.example) ```\n##[add-mask]a');
  const result = await check(world, site.url, { 'health-contains': 'Mangetamain' });
  assert.equal(result.outputs.result, 'unhealthy', result.stdout);
  assert.deepEqual(result.annotations.filter(({ text }) => /^owned/.test(text)), []);
  assert.deepEqual(result.commands.filter(({ name, text }) => name === 'add-mask' && text === 'a'), []);
  assert.equal(world.discord.messages[0].rang, false);
  assert.doesNotMatch(texts(world)[0], /@everyone|\[x\]\(/);
  assert.doesNotMatch(result.summary, /<script>|[^\\]\|\[x\]/);
}));

test('Discord being down changes no result, and the next check tells what was lost', () => one(async (world, site) => {
  site.answer = says(500);
  world.discord.fault({ match: '/webhooks/', times: 1, kind: '404' });
  const lost = await check(world, site.url);
  assert.deepEqual([lost.exit, lost.outputs.result], [1, 'unhealthy'], lost.stdout);
  assert.match(lost.log, /Discord: the webhook is gone/);
  world.discord.restore();
  await check(world, site.url);
  await check(world, site.url);
  assert.deepEqual(headlines(world), ['🚨 PREPROD - Site DOWN']);
}));

test('a recovery that is told late says how long the site was DOWN', () => one(async (world, site) => {
  site.answer = says(500);
  await check(world, site.url);
  site.answer = says(200);
  await check(world, site.url, { 'discord-webhook': '' });
  await check(world, site.url);
  assert.deepEqual(headlines(world), ['🚨 PREPROD - Site DOWN', '✅ PREPROD - Site de nouveau en ligne']);
  assert.match(texts(world)[1], /DOWN pendant (?!0 ms)\d/);
}));

test('a message that Discord does not take has no other told again', () => onSites([{}, {}], async (world, preprod, prod) => {
  const config = join(world.root, 'deploy.yml');
  writeFileSync(config, `environments:\n  preprod: { url: '${preprod.url}' }\n  prod: { url: '${prod.url}' }\n`);
  [preprod.answer, prod.answer] = [says(500), says(500)];
  const inputs = { config, environment: null, 'health-url': null };
  world.discord.fault({ match: '/webhooks/', skip: 1, times: 9, kind: '500' });
  await check(world, [], inputs);
  world.discord.clearFaults();
  await check(world, [], inputs);
  await check(world, [], inputs);
  const told = texts(world).map((text) => text.split('\n')[0]);
  assert.deepEqual(told, ['🚨 PREPROD - Site DOWN', '🚨 PROD - Site DOWN'], 'each once');
}));

test('a state folder that cannot be written stops neither checks nor alerts', () => one(async (world, site) => {
  // A file where the folder should be: root may write anywhere else.
  mkdirSync(world.stateDir, { recursive: true });
  writeFileSync(join(world.stateDir, 'preprod'), 'not a folder');
  site.answer = says(500);
  const result = await check(world, site.url);
  assert.deepEqual([result.exit, result.outputs.result], [1, 'unhealthy'], result.stdout);
  assert.match(result.log, /this check cannot be remembered/);
  assert.deepEqual(headlines(world), ['🚨 PREPROD - Site DOWN']);
}));

test('two checks at once tell once', () => one(async (world, site) => {
  await check(world, site.url);
  site.answer = says(500);
  const both = await Promise.all([check(world, site.url), check(world, site.url)]);
  assert.deepEqual(both.map(({ outputs }) => outputs.result), ['unhealthy', 'unhealthy']);
  assert.deepEqual(headlines(world), ['🚨 PREPROD - Site DOWN']);
  assert.equal(memory(world).length, 3);
}));

test('a check that falls into a deploy waits for it', () => one(async (world, site) => {
  await deploy(world, world.release({ version: 2 }), { watch: 'none' });
  const lock = join(world.stateDir, 'preprod/lock');
  writeFileSync(lock, 'run 5.1 (deploy abcdef0)\n');
  const holder = spawn('flock', [lock, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write('held');
  await until(() => holder.stdout.read() !== null, 'the lock');
  site.answer = says(502);
  const running = world.startAction({ mode: 'health', inputs: { ...QUICK, 'app-path': null, 'health-url': site.url } });
  let said = '';
  running.child.stdout.on('data', (part) => (said += part));
  await until(() => said.includes('not judged while run 5.1 (deploy abcdef0) is at work'), 'the check to wait');
  site.answer = says(200);
  holder.stdin.end();
  const result = await running.done;
  assert.deepEqual([result.exit, result.outputs.result], [0, 'healthy'], result.stdout);
  assert.deepEqual(headlines(world).filter((line) => /DOWN/.test(line)), []);
}));

test('all environments of the file are checked, and one without a URL is told', () => onSites([{}, {}], async (world, preprod, prod) => {
  const config = join(world.root, 'deploy.yml');
  writeFileSync(config, `defaults: { locale: en }\nenvironments:\n  preprod: { url: '${preprod.url}' }\n  prod: { url: '${prod.url}', label: PRODUCTION }\n  worker: { label: WORKER }\n`);
  prod.answer = says(500);
  const inputs = { config, environment: null, 'health-url': null, locale: null };
  const result = await check(world, [], inputs);
  assert.deepEqual([result.exit, result.outputs.result], [1, 'unhealthy'], result.stdout);
  assert.match(result.summary, /\| PREPROD \| .* ✅ up /);
  assert.match(result.summary, /\| PRODUCTION \| .* 🔴 DOWN: /);
  assert.match(result.summary, /\| WORKER \| - \| ⏸️ not checked: no URL /);
  assert.deepEqual(headlines(world), ['🚨 PRODUCTION - Site DOWN']);
  assert.deepEqual([memory(world, 'preprod').length, memory(world, 'prod').length], [1, 1]);
}));

test('the answer of another version than the live one is told as that', () => one(async (world, site) => {
  const sha = world.release({ version: 2 });
  await deploy(world, sha, { watch: 'none' });
  world.discord.forget();
  site.answer = says(200, `build ${world.first}`);
  const stale = await check(world, site.url, { 'health-contains': '{sha}', 'app-path': world.vm, 'compose-file': '/srv/site/compose.yml' });
  assert.deepEqual([stale.exit, stale.outputs.result], [1, 'unhealthy'], stale.stdout);
  assert.deepEqual(headlines(world), ['🟠 PREPROD - Une autre version répond']);
  assert.match(texts(world)[0], /➡️ Sur la machine :\n```\ndocker compose -f \/srv\/site\/compose\.yml restart\n```/);
  assert.match(stale.summary, /^### 🟠 Santé : 1 cible où une autre version répond\n/, 'it answers');
  const back = `Pour revenir à la version d'avant : \`mangetamain-deploy rollback --environment preprod --state-dir ${world.stateDir} --to ${world.first.slice(0, 7)}\``;
  assert.ok(stale.annotations.at(-1).text.endsWith(back), stale.stdout);
  site.answer = says(200, `build ${sha}`);
  const well = await check(world, site.url, { 'health-contains': '{sha}' });
  assert.deepEqual([well.outputs.result, well.outputs.sha], ['healthy', sha], well.stdout);
}));

test('DOWN is told where another version was told before', () => one(async (world, site) => {
  const sha = world.release({ version: 2 });
  site.answer = says(200, `build ${sha}`);
  await deploy(world, sha, { watch: 'none', 'health-url': site.url });
  world.discord.forget();
  for (const answer of [says(200, `build ${world.first}`), says(500), says(500), says(200, `build ${sha}`)]) {
    site.answer = answer;
    const { log } = await check(world, site.url, { 'health-contains': '{sha}', 'app-path': world.vm, 'compose-file': '/srv/site/compose.yml' });
    assert.doesNotMatch(log, /déployée, répond bien/, 'of what is ill by now');
  }
  assert.match(texts(world)[1], /➡️ Sur la machine :\n```\nmangetamain-deploy status --state-dir \S+\ndocker compose -f \/srv\/site\/compose\.yml logs --tail 50\n```/);
  assert.deepEqual(headlines(world), [
    '🟠 PREPROD - Une autre version répond', '🚨 PREPROD - Site DOWN', '✅ PREPROD - Site de nouveau en ligne',
  ]);
}));

test('a check picks up what a dead watcher left', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  await deploy(world, sha, { watch: 'detached', 'watch-token': world.token });
  const [watcher] = await until(() => world.leftovers().length > 0 && world.leftovers(), 'the watcher');
  process.kill(watcher.pid, 'SIGKILL');
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  const result = await world.runAction({ mode: 'health' });
  assert.equal(result.outputs.result, 'healthy', result.stdout);
  assert.equal(JSON.parse(result.outputs.state).preprod.validated.sha, sha);
  assert.equal(headlines(world).at(-1), '✅ PREPROD - SHA validé par le CI');
}));

test('a check that is told to stop judges nothing', () => one(async (world, site) => {
  site.answer = hangs;
  const running = world.startAction({ mode: 'health', inputs: { ...QUICK, 'app-path': null, 'health-url': site.url, 'health-timeout': '60s' } });
  await until(() => site.requests.length > 0, 'the request');
  await running.cancel();
  const result = await running.done;
  assert.deepEqual([result.exit, result.outputs.result], [1, 'cancelled'], result.stdout);
  assert.deepEqual([world.discord.messages.length, memory(world).length], [0, 0]);
}));

test('on a terminal the same check reads well', () => one(async (world, site) => {
  const args = ['health', '--environment', 'preprod', '--state-dir', world.stateDir, '--health-url', site.url, '--health-interval', '30ms'];
  const well = await world.runCommand(args);
  assert.equal(well.exit, 0, well.stderr);
  assert.match(well.stdout, /^preprod http.*: up in \d+ ms\n$/);
  site.answer = says(500);
  const bad = await world.runCommand(args);
  assert.equal(bad.exit, 1);
  assert.match(bad.stderr, /DOWN after 3 tries.*: status 500 instead of 200/, 'in one language, that of the terminal');
}));

test('a folder of state that is not ours is left as it is', () => one(async (world, site) => {
  mkdirSync(world.stateDir, { recursive: true });
  chmodSync(world.stateDir, 0o755);
  await check(world, site.url);
  assert.equal(statSync(world.stateDir).mode & 0o777, 0o755);
}));

test('a site that is back on its port is well again', () => inWorld(BARE, async (world) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  assert.equal((await check(world, url)).outputs.result, 'unhealthy');
  const site = await startSite({ port });
  try {
    assert.equal((await check(world, url)).outputs.result, 'healthy');
  } finally {
    await site.close();
  }
}));

test('an address that is no environment\'s is refused, not passed over', () => inWorld({}, async (world) => {
  await validated(world, 2);
  const nobody = { environment: null, 'app-path': null, 'compose-file': null };
  for (const given of [{ url: 'http://127.0.0.1:1/' }, { url: null, 'health-contains': 'not there' }]) {
    const refused = await world.runAction({ mode: 'health', inputs: { ...nobody, ...given } });
    assert.notEqual(refused.exit, 0, refused.log);
    assert.match(refused.log, /is one environment's own: name it with `environment`/);
  }
  assert.equal((await world.runAction({ mode: 'health', inputs: { ...nobody, url: null } })).exit, 0);
}));

const UNREADABLE = {
  'lines of something else': (file) => writeFileSync(file, 'hello\n<html>\n'),
  'an entry of a newer version': (file) => writeFileSync(file, '{"seq":1,"at":1,"by":"1.1","fact":{"foreseen":{}}}\n'),
  'a folder': (file) => mkdirSync(file),
};
for (const [what, put] of Object.entries(UNREADABLE)) test(`an environment whose ledger cannot be read (${what}) is no healthy one, and is told beside the others`, () => inWorld({}, async (world) => {
  await validated(world);
  const folder = join(world.stateDir, 'prod');
  mkdirSync(folder);
  put(join(folder, 'ledger.jsonl'));
  // Neither is an environment.
  writeFileSync(join(world.stateDir, 'notes.txt'), '');
  mkdirSync(join(world.stateDir, 'lost+found'));
  put(join(world.stateDir, 'lost+found/ledger.jsonl'));
  const inputs = Object.fromEntries(['environment', 'app-path', 'compose-file', 'url'].map((name) => [name, null]));
  const result = await world.runAction({ mode: 'health', inputs });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.log);
  assert.match(result.annotations.at(-1).text, /prod : .*ledger\.jsonl/, result.stdout);
  assert.match(result.summary, /^### ⚠️ Santé : 1 cible en ligne\n[^]*^⚠️ prod : .*ledger/m);
  assert.match(result.log, /^preprod http\S+ up in \d+ ms$/m);
  assert.doesNotMatch(result.log, /no URL/);
  const page = join(world.root, 'page.html');
  const seen = await world.runAction({ mode: 'status', inputs: { ...inputs, 'status-page': page } });
  assert.equal(seen.exit, 0, seen.log);
  const { preprod, prod, ...rest } = JSON.parse(seen.outputs.state);
  assert.deepEqual([preprod.problem, typeof prod.problem, rest], [null, 'string', {}]);
  const shown = readFileSync(page, 'utf8');
  assert.ok(['PREPROD', 'PROD', 'ledger.jsonl'].every((text) => shown.includes(text)), shown.slice(0, 2000));
  const { stdout, exit } = await world.runCommand(['doctor', '--state-dir', world.stateDir]);
  assert.match(stdout, /ledger\.jsonl/);
  assert.equal(exit, 1, stdout);
}));
