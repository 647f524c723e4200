// Taking over from a pipeline in bash, as docs/MIGRATION says: its last-validated-sha.txt becomes ours by
// evidence (live and healthy here, and a green run of its CI), never by copying a line.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { composeFile } from '../world/app.mjs';
import { git } from '../world/git.mjs';
import { ci, ciFails, deploy, inWorld, point, QUICK, serves } from './support.mjs';

/** The file that the bash pipeline left, naming the first commit; gives {file, sha}. */
function left(world) {
  const file = join(world.stateDir, 'last-validated-sha.txt');
  mkdirSync(world.stateDir, { recursive: true });
  writeFileSync(file, `${world.first}\n`);
  return { file, sha: world.first };
}

/** The operator's command of the page, with this world's places. */
function takeOver(world, sha, ...more) {
  const { 'discord-webhook': webhook, token, ...inputs } = { ...world.inputs, ...QUICK };
  const options = Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value]);
  const env = { GITHUB_TOKEN: token, GITHUB_API_URL: world.github.url, GITHUB_REPOSITORY: world.github.full, DISCORD_WEBHOOK_URL: webhook };
  return world.runCommand(['deploy', ...options, '--sha', sha, '--watch', 'inline', ...more], { env });
}

test('an existing rollback point is taken over: it is live, healthy, and its CI is green', () => inWorld({}, async (world) => {
  const { file, sha } = left(world);
  ci(world, sha, 'success');
  const result = await takeOver(world, sha);
  assert.equal(result.exit, 0, result.stdout);
  assert.equal(point(world), sha);
  assert.equal(readFileSync(file, 'utf8'), `${sha}\n`);
}));

test('the command that doctor names takes it over with all that the workflow gives: a rollback restarts the containers', () => inWorld({}, async (world) => {
  const { sha } = left(world);
  ci(world, sha, 'success');
  const { log } = await world.runAction({ mode: 'doctor', inputs: { locale: 'en' } });
  const [, command] = /take it over: mangetamain-deploy (deploy .*), then remove this file/.exec(log);
  const args = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' }).split('\0').slice(0, -1);
  assert.ok(args.includes('--compose-file') && args.includes('--url'), command);
  assert.ok(!command.includes(world.token) && !command.includes(world.discord.webhookUrl), command);
  const { token } = world.inputs;
  const env = { GITHUB_TOKEN: token, GITHUB_API_URL: world.github.url, GITHUB_REPOSITORY: world.github.full };
  const taken = await world.runCommand(args, { env });
  assert.equal(taken.exit, 0, taken.stdout);
  assert.equal(point(world), sha);
  const bad = world.release({ version: 2 });
  ciFails(world, bad);
  const result = await deploy(world, bad);
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  await serves(world, 1);
}));

test('an existing rollback point that is older than what is live is taken over with force', () => inWorld({}, async (world) => {
  const { sha } = left(world);
  ci(world, sha, 'success');
  world.release({ version: 2 });
  git(world.vm, 'pull', '-q');
  world.engine.compose(world.vm, 'restart');
  const result = await takeOver(world, sha, '--force');
  assert.equal(result.exit, 0, result.stdout);
  assert.equal(point(world), sha);
  await serves(world, 1);
}));

test('an existing rollback point whose CI failed is not believed', () => inWorld({}, async (world) => {
  const { file, sha } = left(world);
  ciFails(world, sha);
  const result = await takeOver(world, sha);
  assert.notEqual(result.exit, 0, result.stdout);
  assert.equal(point(world), null);
  assert.equal(readFileSync(file, 'utf8'), `${sha}\n`);
}));

test('the file can stay where scripts look for it: it keeps its old line until something is validated', () => inWorld({}, async (world) => {
  const { file, sha } = left(world);
  const inputs = { 'rollback-point-file': file, watch: 'inline' };
  const unsettled = await world.runAction({ mode: 'deploy', sha: world.release({ version: 2 }), inputs: { ...inputs, 'ci-delay': '0s', 'ci-timeout': '1s' } });
  assert.equal(unsettled.outputs.result, 'pending', unsettled.stdout);
  assert.equal(readFileSync(file, 'utf8'), `${sha}\n`);
  const good = world.release({ version: 3 });
  ci(world, good, 'success');
  const result = await world.runAction({ mode: 'deploy', sha: good, inputs });
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.equal(readFileSync(file, 'utf8'), `${good}\n`);
}));

test('a work tree of its own with its compose file elsewhere is deployed, rolled back, and left where it is', () => inWorld({ running: false }, async (world) => {
  const folder = join(world.root, '30_docker');
  const file = join(folder, 'docker-compose-prod.yml');
  mkdirSync(folder);
  writeFileSync(file, composeFile(world.app).replace('./www', `../${basename(world.vm)}/www`));
  world.engine.compose(folder, '-f', file, 'up', '-d');
  const inputs = { 'compose-file': file, watch: 'inline' };
  const good = world.release({ version: 2 });
  ci(world, good, 'success');
  const deployed = await world.runAction({ mode: 'deploy', sha: good, inputs });
  assert.equal(deployed.outputs.result, 'validated', deployed.stdout);
  assert.match(deployed.log, /restart: nothing changed/);
  await serves(world, 2);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const undone = await world.runAction({ mode: 'deploy', sha: bad, inputs });
  assert.equal(undone.outputs.result, 'rolled-back', undone.stdout);
  await serves(world, 2);
}));
