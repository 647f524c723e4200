// Inputs that mean harm: whatever stands in one, it is refused before anything is touched, or it is one
// argument of one program, in its place, and nothing else.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { ci, deploy, inWorld, serves, validated } from './support.mjs';

const proofOf = (world) => join(world.root, 'pwned');
const ATTACKS = {
  'a command in brackets': '$(touch {proof})',
  'a command in backticks': '`touch {proof}`',
  'a second command': '; touch {proof} ;',
  'quotes that end a text': `'"; touch {proof}; "'`,
  'an option of git': '--upload-pack=touch {proof}',
  'an option of ssh': '-oProxyCommand=touch {proof}',
  'an option of docker': '--config={proof}',
  'a way out of a folder': '../../../../../../../../{proof}',
  'a way out behind a good start': '/srv/../../../../{proof}',
  'the folder above': '..',
};
/** Inputs of one kind or another that name something: none of the attacks is such a name. */
const NAMES = ['sha', 'environment', 'branch', 'compose-service', 'app-path', 'compose-file', 'state-dir', 'log-dir', 'rollback-point-file', 'url', 'health-url', 'compose-strategy', 'watch', 'locale', 'ci-timeout', 'health-attempts', 'health-status', 'on-unhealthy', 'force', 'dry-run', 'mode'];

/** Programs that saw this text in an argument, without those that were meant to. */
const saw = (programs, words, meant = []) => programs.calls().map(({ args }) => args).filter((args) => args.some((arg) => arg.includes(words)) && !meant.includes(args[0]));

for (const [what, attack] of Object.entries(ATTACKS)) {
  test(`${what}, in any input that names something, is refused before anything is touched`, () => inWorld({}, async (world) => {
    const hostile = attack.replaceAll('{proof}', proofOf(world));
    const programs = wrapPrograms(world);
    world.release({ version: 2 });
    const inputs = Object.fromEntries(NAMES.filter((name) => name !== 'mode').map((name) => [name, hostile]));
    const result = await world.runAction({ mode: 'deploy', inputs, env: programs.env });
    assert.equal(result.exit, 2, result.stdout);
    const refused = [...result.annotations[0].text.matchAll(/^- ([\w-]+) = /gm)].map(([, name]) => name).sort();
    assert.deepEqual(refused, NAMES.filter((name) => name !== 'mode').sort());
    assert.equal((await world.runAction({ mode: hostile, env: programs.env })).exit, 2);
    assert.deepEqual(programs.calls(), []);
    assert.ok(!existsSync(proofOf(world)) && !existsSync(world.stateDir));
    assert.deepEqual(world.discord.messages, []);
    await serves(world, 1);
  }));

  test(`${what}, in the inputs that may hold any text, starts nothing`, () => inWorld({}, async (world) => {
    const hostile = attack.replaceAll('{proof}', proofOf(world));
    const programs = wrapPrograms(world);
    const sha = world.release({ version: 2 });
    ci(world, sha, 'success');
    const inputs = { label: hostile, 'guard-paths': hostile, freeze: '', 'deploy-command': `printf\n%s\n${hostile}` };
    const result = await deploy(world, sha, inputs, { env: programs.env });
    assert.equal(result.outputs.result, 'validated', result.stdout);
    const unknown = await deploy(world, world.release({ version: 3 }), { 'ci-workflow': hostile, 'ci-timeout': '500ms', 'ci-delay': '0s' }, { env: programs.env });
    assert.equal(unknown.outputs.result, 'pending', unknown.stdout);
    const unwell = await deploy(world, world.release({ version: 4 }), { 'health-contains': hostile, 'health-grace': '300ms' }, { env: programs.env });
    assert.equal(unwell.exit, 1, unwell.stdout);
    assert.equal((await world.runAction({ mode: 'rollback', inputs: { to: hostile }, env: programs.env })).exit, 2);
    assert.deepEqual(saw(programs, proofOf(world)), []);
    assert.ok(!existsSync(proofOf(world)), 'a command was started');
  }));
}

test('paths may hold anything but a way out, and start nothing', () => inWorld({}, async (world) => {
  const odd = join(world.root, 'it\'s "odd" $(touch pwned) `x` ; -y');
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha, { 'state-dir': odd, 'rollback-point-file': join(odd, 'p;oint') });
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.equal(readFileSync(join(odd, 'p;oint'), 'utf8').trim(), sha);
  for (const folder of [world.root, world.vm, process.cwd()]) assert.ok(!existsSync(join(folder, 'pwned')), folder);
}));

test('a configuration file cannot be led out of the inputs it stands for, nor read as another file', () => inWorld({}, async (world) => {
  const file = join(world.root, 'deploy.yml');
  const keys = { 'app-path': '../../etc', branch: '--upload-pack=id', 'compose.service': '-v', 'state-dir': 'relative' };
  const nested = Object.entries(keys).map(([key, value]) => `    ${key.replace('.', ': { ')}: "${value}"${key.includes('.') ? ' }' : ''}\n`).join('');
  writeFileSync(file, `environments:\n  preprod:\n${nested}  ../../etc: {}\n  "-x": {}\n`);
  const inputs = { config: file, 'app-path': null, 'state-dir': null };
  const result = await world.runAction({ mode: 'status', inputs });
  assert.equal(result.exit, 2, result.stdout);
  for (const place of ['environments.../../etc', 'environments.-x']) assert.ok(result.log.includes(place), result.log);
  for (const [what, path] of [['a folder', world.root], ['a device', '/dev/zero'], ['nothing', join(world.root, 'no.yml')]]) {
    const seen = await world.runAction({ mode: 'status', inputs: { config: path } });
    assert.equal(seen.exit, 2, `${what}: ${seen.stdout}`);
  }
}));

for (const [what, make] of [
  ['larger than what is read of one', () => `# ${'x'.repeat(1020)}\n`.repeat(8300)],
  ['an anchor bomb', () => `defaults:\n  label: &x "${'x'.repeat(400_000)}"\n  guard-paths: [${'*x, '.repeat(18_000)}]\n`],
  ['nested without end', () => `defaults: ${'['.repeat(200_000)}\n`],
  ['full of unknown keys', () => `defaults:\n${Array.from({ length: 15_000 }, (_, at) => `  unknown-${at}: 1\n`).join('')}`],
  ['one key of 4 MiB', () => `defaults:\n  ${'k'.repeat(4 * 1024 * 1024)}: 1\n`],
]) {
  test(`a configuration file that is ${what} is refused in a few lines, before anything changes`, () => inWorld({}, async (world) => {
    const file = join(world.root, 'deploy.yml');
    writeFileSync(file, make());
    const result = await deploy(world, world.release({ version: 2 }), { config: file });
    assert.equal(result.exit, 2, result.stdout.slice(0, 2000));
    assert.ok(result.log.length < 20_000, `${result.log.length} letters`);
    assert.deepEqual(result.problems, []);
    await serves(world, 1);
  }));
}

test('a rollback to a name that is no SHA, or that looks like an option, goes nowhere', () => inWorld({}, async (world) => {
  const good = await validated(world);
  world.repository.git('push', '-q', 'origin', `${world.first}:refs/heads/deadbee`);
  for (const to of ['--upload-pack=id', '-d', 'HEAD~1', 'main', 'refs/heads/main', '@{-1}', 'deadbee', '0000000', `${good}^`]) {
    const result = await world.runAction({ mode: 'rollback', inputs: { to } });
    assert.ok(result.exit === 2 || (result.exit === 1 && /names no commit here/.test(result.log)), `${to}: ${result.stdout}`);
  }
  await serves(world, 2);
}));

test('a rollback to a whole SHA that this clone does not know says so, and how it comes here', () => inWorld({}, async (world) => {
  await validated(world);
  const to = '0123456789'.repeat(4);
  const told = { en: new RegExp(`${to} is not known in this clone\\. .*git fetch origin.*\`mode: deploy\``), fr: new RegExp(`ce clone ne connaît pas ${to}\\. .*git fetch origin.*\`mode: deploy\``) };
  for (const [locale, words] of Object.entries(told)) {
    const result = await world.runAction({ mode: 'rollback', inputs: { to, locale } });
    assert.equal(result.exit, 1, result.stdout);
    assert.match(result.summary, words);
    assert.doesNotMatch(result.stdout + result.summary, /more digits|plus de chiffres/);
  }
  await serves(world, 2);
}));
