// Two at once, killed, cancelled: what is live, who waits, who finishes what was begun; and what an
// operator sees on a terminal.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { appFiles } from '../world/app.mjs';
import { until } from '../world/scenario.mjs';
import { ci, deploy, facts, inWorld, nextSecond, point, serves, texts, validated } from './support.mjs';

// A deploy command that stays in the middle of a deploy until a file says that it may go on.
const waiting = (world) => ({ 'deploy-command': `sh\n-c\ntouch ${world.root}/started; while [ ! -e ${world.root}/go ]; do sleep 0.05; done` });
const go = (world) => writeFileSync(join(world.root, 'go'), '');
const began = (world) => until(() => world.ledger().some(({ fact }) => fact.began?.step === 'command'), 'the deploy command');
// With the note of it, by which others know it.
const started = (world) => until(() => ['started', 'state/preprod/command'].every((file) => existsSync(join(world.root, file))), 'the deploy command to run');

test('two at once: the second waits and says for whom', () => inWorld({}, async (world) => {
  const [first, second] = [world.release({ version: 2 }), world.release({ version: 3 })];
  ci(world, second, 'success');
  const one = world.startAction({ mode: 'deploy', sha: first, inputs: { watch: 'none', ...waiting(world) } });
  await began(world);
  const two = world.startAction({ mode: 'deploy', sha: second, inputs: { watch: 'inline' } });
  let text = '';
  two.child.stdout.on('data', (part) => (text += part));
  await until(() => /waiting for run/.test(text), 'the second to say that it waits');
  go(world);
  assert.equal((await one.done).outputs.result, 'deployed');
  const result = await two.done;
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.log, new RegExp(`waiting for run \\d+\\.1 \\(deploy ${first.slice(0, 7)}, process \\d+, since .* UTC\\)`));
  await serves(world, 3);
}));

test('who has waited for the lock is told as holding it since then', () => inWorld({}, async (world) => {
  const one = world.startAction({ mode: 'deploy', sha: world.release({ version: 2 }), inputs: { watch: 'none', ...waiting(world) } });
  await began(world);
  const hold = `sh\n-c\ntouch ${world.root}/second; while [ ! -e ${world.root}/go-2 ]; do sleep 0.05; done`;
  const two = world.startAction({ mode: 'deploy', sha: world.release({ version: 3 }), inputs: { watch: 'none', 'deploy-command': hold } });
  let text = '';
  two.child.stdout.on('data', (part) => (text += part));
  await until(() => /waiting for run/.test(text), 'the second to say that it waits');
  await nextSecond();
  const freed = Math.floor(Date.now() / 1000) * 1000;
  go(world);
  await one.done;
  await until(() => existsSync(join(world.root, 'second')), 'the second to be at work');
  const { lock } = JSON.parse((await world.runAction({ mode: 'status' })).outputs.state).preprod;
  writeFileSync(join(world.root, 'go-2'), '');
  await two.done;
  const [, since] = /since (\S+ \S+) UTC\)$/.exec(lock) ?? [];
  assert.ok(Date.parse(`${since}Z`) >= freed, `${lock}, and it was freed at ${new Date(freed).toISOString()}`);
}));

test('a version whose command ends every run is undone by the third that finds it, and the next one goes live', () => inWorld({}, async (world) => {
  // As one does that takes all memory: the command of this version alone, and no run of it is heard of again.
  const files = (version, script) => ({ ...appFiles({ ...world.app, version }), 'go.sh': script });
  const command = { 'deploy-command': 'sh\ngo.sh', watch: 'none' };
  const good = world.release({ version: 2, files: files(2, 'true\n') });
  assert.equal((await deploy(world, good, command)).outputs.result, 'deployed');
  ci(world, good, 'success');
  await world.runAction({ mode: 'watch', sha: good, inputs: { watch: 'inline' } });
  const deadly = world.release({ version: 3, files: files(3, 'kill -9 $PPID\n') });
  assert.equal((await deploy(world, deadly, command)).signal, 'SIGKILL');
  const mended = world.release({ version: 4, files: files(4, 'true\n') });
  const deaths = [];
  for (const inputs of [command, command]) deaths.push((await deploy(world, mended, inputs)).signal);
  assert.deepEqual(deaths, ['SIGKILL', 'SIGKILL']);
  const result = await deploy(world, mended, command);
  assert.deepEqual([result.exit, result.outputs.result], [0, 'deployed'], result.log);
  assert.match(result.log, /was not finished: undoing it first/);
  await serves(world, 4);
  const told = texts(world).find((text) => /ROLLBACK AUTOMATIQUE/.test(text));
  assert.match(told, /trois exécutions se sont arrêtées net au milieu de cette étape \\?: deploy\\?-command/);
  // Whoever runs its job again does not begin anew.
  const again = await deploy(world, deadly, command);
  assert.deepEqual([again.signal, again.outputs.result], [null, 'failed'], again.log);
  await serves(world, 4);
}));

test('a lock that is not given back in time is an error that names its holder', () => inWorld({}, async (world) => {
  const first = world.release({ version: 2 });
  const one = world.startAction({ mode: 'deploy', sha: first, inputs: { watch: 'none', ...waiting(world) } });
  await began(world);
  const result = await deploy(world, world.release({ version: 3 }), { 'lock-timeout': '300ms' });
  assert.equal(result.exit, 1);
  assert.match(result.log, /held by run \d+/);
  go(world);
  await one.done;
}));

test('a work tree that another environment keeps its ledger about is refused, and untouched', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const before = world.checkedOut();
  const other = await deploy(world, sha, { environment: 'prod' });
  assert.equal(other.exit, 1, other.stdout);
  assert.match(other.log, /belongs to the environment `preprod`, whose state is in .*preprod\. One work tree can only have one version live: give `prod` a clone of its own/);
  assert.equal(world.checkedOut(), before);
  rmSync(join(world.stateDir, 'preprod', 'ledger.jsonl'));
  assert.equal((await deploy(world, sha, { environment: 'prod', watch: 'none' })).outputs.result, 'deployed', 'an environment without a ledger owns nothing');
}));

for (const next of ['status', 'deploy']) {
  test(`a deploy killed in the middle is finished by the next ${next}, which says so`, () => inWorld({}, async (world) => {
    await validated(world);
    const killed = world.release({ version: 3 });
    const one = world.startAction({ mode: 'deploy', sha: killed, inputs: { watch: 'none', ...waiting(world) } });
    await began(world);
    one.child.kill('SIGKILL');
    await one.done;
    go(world);
    const sha = next === 'deploy' ? world.release({ version: 4 }) : killed;
    ci(world, sha, 'success');
    const result = next === 'deploy' ? await deploy(world, sha) : await world.runAction({ mode: 'status' });
    assert.equal(result.exit, 0, result.stdout);
    assert.match(result.log, /deploy of [0-9a-f]{7} \(asked by run .*\) was not finished: going on with it first/);
    await serves(world, next === 'deploy' ? 4 : 3);
    assert.equal(world.checkedOut(), sha);
    assert.ok(facts(world).includes('resumed'));
    assert.equal(JSON.parse((await world.runAction({ mode: 'status' })).outputs.state).preprod.unfinished, null);
  }));
}

test('what was started on files that have changed since is started again by the run that goes on', () => inWorld({}, async (world) => {
  await validated(world);
  let [isOpen, asked] = [false, 0];
  const gate = createServer((request, response) => ((asked += 1), isOpen && response.end())).listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const inputs = { watch: 'none', 'health-url': `http://127.0.0.1:${gate.address().port}/`, 'health-timeout': '60s' };
  const compose = () => world.ledger().filter(({ fact }) => fact.did?.step === 'compose').length;
  const stopped = async (version) => {
    [isOpen, asked] = [false, 0];
    const { child, done } = world.startAction({ mode: 'deploy', sha: world.release({ version }), inputs });
    await until(() => asked > 0, 'its check');
    child.kill('SIGTERM');
    assert.equal((await done).outputs.result, 'cancelled');
    isOpen = true;
  };
  try {
    const before = compose();
    await stopped(3);
    // Half of it was still on its way to the disk when the power went.
    writeFileSync(join(world.vm, 'www/index.html'), 'vers');
    assert.equal((await world.runAction({ mode: 'status' })).exit, 0);
    assert.equal(compose(), before + 2);
    await serves(world, 3);
    await stopped(4);
    await world.runAction({ mode: 'status' });
    assert.equal(compose(), before + 3, 'nothing has changed: what runs is what was started');
  } finally {
    gate.closeAllConnections();
    gate.close();
  }
}));

test('a deploy command that a killed run has left is waited for, so that it does not write over what is put back', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const index = join(world.vm, 'www/index.html');
  const { 'deploy-command': wait } = waiting(world);
  const one = world.startAction({ mode: 'deploy', sha: world.release({ version: 3 }), inputs: { watch: 'none', 'deploy-command': `${wait}; echo "version 3" > ${index}` } });
  await started(world);
  one.child.kill('SIGKILL');
  await one.done;
  const two = world.startAction({ mode: 'rollback', inputs: { to: good } });
  let text = '';
  two.child.stdout.on('data', (part) => (text += part));
  await until(() => /waiting for deploy-command \(run \d+\.1, process \d+, since .* UTC\)/.test(text), 'the rollback to say that it waits');
  assert.notEqual(world.checkedOut(), good);
  go(world);
  const result = await two.done;
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(readFileSync(index, 'utf8'), 'version 2\n');
  await serves(world, 2);
}));

test('a service that a deploy command has started holds nobody up, nor does that of a killed run', () => inWorld({}, async (world) => {
  const serving = { 'deploy-command': 'sh\n-c\nsleep 1000 >/dev/null 2>&1 &' };
  for (const version of [2, 3]) {
    const result = await deploy(world, world.release({ version }), { watch: 'none', ...serving });
    assert.equal(result.outputs.result, 'deployed', result.stdout);
    assert.doesNotMatch(result.log, /waiting for/);
  }
  const { 'deploy-command': wait } = waiting(world);
  const left = { 'deploy-command': `sh\n-c\nsleep 1000 >/dev/null 2>&1 & ${wait.split('\n').at(-1)}; touch ${world.root}/ended` };
  const one = world.startAction({ mode: 'deploy', sha: world.release({ version: 4 }), inputs: { watch: 'none', ...left } });
  await started(world);
  one.child.kill('SIGKILL');
  await one.done;
  const [command] = readFileSync(join(world.stateDir, 'preprod/command'), 'utf8').split(' ');
  go(world);
  await until(() => existsSync(join(world.root, 'ended')) && !existsSync(`/proc/${command}`), 'the command to end');
  const next = await world.runAction({ mode: 'status' });
  assert.doesNotMatch(next.log, /attente de|tourne encore/);
  assert.equal(JSON.parse(next.outputs.state).preprod.unfinished, null, next.stdout);
  await serves(world, 4);
  assert.ok(!existsSync(join(world.stateDir, 'preprod', 'command')), 'the note goes with the command');
}));

test('a command that a killed run has left: who looks does not wait, who acts is told its process, and both go on when its time is over', () => inWorld({}, async (world) => {
  await validated(world);
  const left = { ...waiting(world), 'deploy-command-timeout': '8s' };
  const begun = Date.now();
  const one = world.startAction({ mode: 'deploy', sha: world.release({ version: 3 }), inputs: { watch: 'none', ...left } });
  await started(world);
  one.child.kill('SIGKILL');
  await one.done;
  const looked = await world.runAction({ mode: 'status' });
  assert.equal(looked.exit, 0, looked.stdout);
  const [, pid] = /deploy-command, processus (\d+), depuis .* tourne encore, alors que son exécution a été tuée.*kill -- -\1/.exec(looked.log) ?? [];
  assert.ok(pid, looked.stdout);
  assert.ok(Date.now() - begun < 8000 && JSON.parse(looked.outputs.state).preprod.unfinished, 'it did not wait');
  const acted = await world.runAction({ mode: 'rollback', inputs: { 'lock-timeout': '1ms' } });
  assert.equal(acted.exit, 1, acted.stdout);
  assert.match(acted.log, new RegExp(`deploy-command \\(run .*, process ${pid}, since .* still runs, though its run was killed.*kill -- -${pid}`));
  await deploy(world, world.release({ version: 4 }), { 'lock-timeout': '1ms' });
  assert.match(texts(world).at(-1), /tourne encore/);
  assert.doesNotMatch(texts(world).at(-1), /En ligne/, 'what is live is not certain');
  const late = await world.runAction({ mode: 'rollback' });
  assert.match(late.log, new RegExp(`process ${pid}, since .* still runs: its time is over`));
  assert.equal(late.outputs.result, 'rolled-back', late.stdout);
  go(world);
}));

test('the time of a command counts from its own beginning, not from that of the request that a later run has gone on with', () => inWorld({}, async (world) => {
  const mark = join(world.root, 'mark');
  const said = () => (existsSync(mark) ? readFileSync(mark, 'utf8').trim().split('\n') : []);
  const sha = world.release({ version: 2 });
  const limit = 4000;
  const slow = { 'deploy-command': `sh\n-c\necho begins >> ${mark}; sleep 3; echo ends >> ${mark}`, 'deploy-command-timeout': `${limit / 1000}s` };
  const killed = async (begun) => {
    const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'none', ...slow } });
    const note = join(world.stateDir, 'preprod', 'command');
    await until(() => said().length === begun && existsSync(note), 'the command, and the note of it');
    one.child.kill('SIGKILL');
    await one.done;
  };
  await killed(1);
  // The command's own time is what this is about: it has to be over.
  await new Promise((over) => setTimeout(over, limit));
  await killed(3);
  await deploy(world, sha, { watch: 'none', ...slow });
  assert.deepEqual(said(), ['begins', 'ends', 'begins', 'ends', 'begins', 'ends'], 'one after the other');
}));

test('a cancelled job tells its children, and leaves what the next run can finish', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'none', ...waiting(world) } });
  await began(world);
  await one.cancel();
  const result = await one.done;
  assert.equal(result.signal, null, 'it ended by itself, in time');
  assert.equal(result.outputs.result, 'cancelled', result.stdout);
  assert.deepEqual(world.leftovers(), [], 'a child was left behind');
  go(world);
  await world.runAction({ mode: 'status' });
  await serves(world, 2);
}));

test('a torn last line of the ledger is set aside, not trusted and not deleted', () => inWorld({}, async (world) => {
  const sha = await validated(world);
  const file = join(world.stateDir, 'preprod/ledger.jsonl');
  writeFileSync(file, '{"seq":99,"at":1,"by":"x","fact":{"found":{"sha":"' + 'a'.repeat(40) + '"}}}', { flag: 'a' });
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.log, /unreadable lines? of the ledger set aside/);
  assert.match(readFileSync(file, 'utf8'), /"seq":99.* #torn\n/);
}));

test('rollback by hand: to the last validated, to the one before, to a short SHA', () => inWorld({}, async (world) => {
  const two = await validated(world, 2);
  const three = await validated(world, 3);
  const back = (to) => world.runAction({ mode: 'rollback', inputs: { to } });
  assert.equal((await back('last-validated')).outputs.result, 'unchanged');
  assert.match(texts(world).at(-1), /^✅ PREPROD - Rien à annuler\n(.*\n)*➡️ Pour revenir à [0-9a-f]{7}, en ligne avant : `mode: rollback` avec `to: [0-9a-f]{7}`$/m);
  const previous = await back('previous');
  assert.deepEqual([previous.exit, previous.outputs.result, world.checkedOut()], [0, 'rolled-back', two], previous.stdout);
  await serves(world, 2);
  // A second person who goes back from the same version must not bring it back.
  const second = await back('previous');
  assert.deepEqual([second.exit, world.checkedOut()], [1, two], second.stdout);
  assert.equal((await back('last-validated')).outputs.result, 'unchanged');
  const said = `Le dernier SHA validé est ${three.slice(0, 7)}, que quelqu'un a annulé à la main ; `;
  assert.ok(texts(world).at(-1).replaceAll('\\', '').includes(said), texts(world).at(-1));
  assert.match(second.log, new RegExp(`what was live before is ${three}, and somebody has gone back from it by hand. Name one with \`to\``));
  assert.equal((await back(three.slice(0, 8))).outputs.result, 'rolled-back');
  await serves(world, 3);
  assert.equal(point(world), three, 'a rollback by hand does not move the rollback point');
  assert.equal((await back('fffffff')).exit, 1);
}));

test('a hostile commit message leaves no command in the log and rings nobody', () => inWorld({ private: true }, async (world) => {
  const hostile = '::set-output name=result::pwned ##[add-mask]version\r::error::x @everyone <@123> [x](http://evil) `';
  const sha = world.release({ version: 2, message: hostile });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.deepEqual(result.annotations, []);
  assert.ok(result.masks.every((mask) => mask !== 'version'));
  assert.ok(world.discord.messages.every((message) => message.rang !== true));
  assert.ok(!/(^|\n)::(?!(add-mask|group|endgroup)::)/.test(result.stdout), result.stdout);
}));

test('no secret reaches a file, the log, the summary or a message', () => inWorld({ private: true }, async (world) => {
  const bad = world.release({ version: 2 });
  ci(world, bad, 'failure');
  const result = await deploy(world, bad, { 'deploy-command': 'sh\n-c\nenv; exit 3' });
  const ledger = readFileSync(join(world.stateDir, 'preprod/ledger.jsonl'), 'utf8');
  const said = result.stdout.split('\n').filter((line) => !line.startsWith('::add-mask::')).join('\n');
  const texts = [ledger, said, result.stderr, result.summary, JSON.stringify(result.outputs), JSON.stringify(world.discord.messages)];
  for (const secret of world.secrets) for (const text of texts) assert.ok(!text.includes(secret), text.slice(0, 400));
}));

test('a panic reaches the user once, and leaves lock and state whole', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  const preload = join(world.root, 'broken-clock.cjs');
  writeFileSync(preload, 'let n = 0; const now = Date.now; Date.now = () => (++n > 30 ? NaN : now());');
  const result = await deploy(world, sha, {}, { env: { NODE_OPTIONS: `--require ${preload}` } });
  assert.equal(result.exit, 1);
  assert.equal(result.log.match(/This is a bug in mangetamain-deploy/g)?.length, 1, result.log);
  assert.match(result.log, /panicked at src\/wasm\.rs/);
  ci(world, sha, 'success');
  const next = await deploy(world, sha);
  assert.equal(next.outputs.result, 'validated', next.stdout);
}));

test('a state folder that cannot be written is told, and nothing is touched', () => inWorld({}, async (world) => {
  writeFileSync(join(world.root, 'a-file'), '');
  const result = await deploy(world, world.release({ version: 2 }), { 'state-dir': join(world.root, 'a-file') });
  assert.equal(result.exit, 1);
  assert.match(result.log, /state-dir/);
  await serves(world, 1);
}));

test('the operator sees the state on a terminal, help, and mistakes', () => inWorld({}, async (world) => {
  const sha = await validated(world);
  const status = await world.runCommand(['status', '--environment', 'preprod', '--state-dir', world.stateDir]);
  assert.equal(status.exit, 0, status.stderr);
  assert.match(status.stdout, new RegExp(`live +${sha.slice(0, 7)}`));
  const help = await world.runCommand(['deploy', '--help']);
  assert.match(help.stdout, /--health-attempts NUMBER/);
  const mistake = await world.runCommand(['status', '--enviroment', 'preprod']);
  assert.equal(mistake.exit, 2);
  assert.match(mistake.stderr, /Did you mean `--environment`\?/);
  const secret = await world.runCommand(['deploy', '--token', 'ghp_x']);
  assert.match(secret.stderr, /is a secret: every user of this machine could read it/);
  assert.ok(!secret.stderr.includes('ghp_x'));
}));

test('the module imports the door and wasm-bindgen\'s own glue, nothing else', () => {
  const file = new URL('../../dist/mangetamain_deploy_bg.wasm', import.meta.url);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(file)));
  const glue = /^__wb(g|indgen)_/;
  assert.ok(imports.length > 0);
  assert.deepEqual([...new Set(imports.map((one) => one.module))], ['./mangetamain_deploy_bg.js']);
  const ours = imports.map((one) => one.name).filter((name) => !glue.test(name) || /fetch|fs|child|process|net|http|random|now/i.test(name));
  assert.deepEqual(ours, []);
  assert.deepEqual(imports.filter((one) => /^__wbg_perform_/.test(one.name)).length, 1);
});

test('what a person went back from does not come back when the next version fails', () => inWorld({}, async (world) => {
  const [kept, undone] = [await validated(world, 2), await validated(world, 3)];
  const back = await world.runAction({ mode: 'rollback', inputs: { to: 'previous' } });
  assert.deepEqual([world.checkedOut(), back.outputs['validated-sha']], [kept, undone], 'the rollback point only moves forward');
  const seen = await world.runCommand(['status', '--state-dir', world.stateDir]);
  assert.match(seen.stdout, new RegExp(`undone +${undone.slice(0, 7)}`));
  assert.equal((await world.runAction({ mode: 'rollback' })).outputs.result, 'unchanged', 'nor by a rollback that names none');
  const bad = world.release({ version: 4 });
  ci(world, bad, 'failure');
  const failed = await deploy(world, bad);
  assert.deepEqual([failed.outputs.result, world.checkedOut()], ['rolled-back', kept], failed.stdout);
  await serves(world, 2);
}));
