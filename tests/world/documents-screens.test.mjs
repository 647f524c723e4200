// What the READMEs show of a terminal is what it shows, in the language of their readers: `status`, `doctor` and
// what is live after an error, in a world where a version was validated and the next one rolled back.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { textOf } from './documents.mjs';
import { until, withWorld } from './scenario.mjs';

const LANGUAGES = { 'README.md': 'C.UTF-8', 'README.fr.md': 'fr_FR.UTF-8' };
const QUICK = { watch: 'inline', 'ci-interval': '150ms', 'ci-delay': '500ms', 'ci-timeout': '4s', 'health-interval': '100ms' };
const blockOf = (document, begin) => new RegExp(`^\`\`\`text\\n(${begin}\\n[^]*?)^\`\`\`$`, 'm').exec(textOf(document))[1].trimEnd().split('\n');

/** A line of a screen without what is another one each time: commits, times, runs, folders, users, versions, counts. */
const plain = (line) => [
  [/\b[0-9a-f]{40}\b/g, 'SHA...'], [/\b[0-9a-f]{7}\b/g, 'SHA'], [/\brun [\d.]+/g, 'run N'], [/\b(?:ci|nobody)\b/g, 'USER'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME'], [/(?<=[ (]in |[ (]en |, | il y a |\()\d+(?:[.,]\d+)? (?:ms|s|min)(?: \d+ s)?(?=[ ),]|$)/g, 'SPAN'],
  [/(?<= )\/\S+\/(?=preprod\/)|(?<= )\/\S+(?= is root| est à root|$)/g, 'FOLDER'], [/(?<=git +)[\d.]+$/, 'VERSION'],
  [/\d+ (\p{L}+?)s?(?=,| \(SPAN)/gu, 'N $1'],
].reduce((text, [pattern, word]) => text.replace(pattern, word), line);

async function withPast(work) {
  await withWorld({}, async (world) => {
    const deploy = async (version, message, conclusion) => {
      const sha = world.release({ version, message });
      world.github.addRun({ sha, status: 'completed', conclusion });
      await world.runAction({ mode: 'deploy', sha, inputs: QUICK });
      return sha;
    };
    await deploy(2, 'feat: ajouter filtre saison', 'success');
    world.bad = await deploy(3, 'feat: trier les avis', 'failure');
    world.settings = join(world.root, 'settings.yml');
    const settings = { 'app-path': world.vm, 'state-dir': world.stateDir, 'log-dir': world.logDir, compose: `{ file: ${join(world.vm, 'docker-compose.yml')} }` };
    writeFileSync(world.settings, `environments:\n  preprod:\n${Object.entries(settings).map(([name, value]) => `    ${name}: ${value}\n`).join('')}`);
    const env = { GITHUB_REPOSITORY: world.github.full, GITHUB_API_URL: world.github.url };
    await work((args, more) => world.runCommand([...args, '--config', world.settings], { env: { ...env, ...more } }), world);
  });
}

test('what the READMEs show of `status` and of what is live after an error is what it says', () => withPast(async (run, world) => {
  for (const [document, LANG] of Object.entries(LANGUAGES)) {
    const { stdout } = await run(['status'], { LANG });
    assert.deepEqual(blockOf(document, 'preprod').map(plain), stdout.trimEnd().split('\n').map(plain), document);
  }
  for (const [document, LANG] of Object.entries(LANGUAGES)) {
    const { stderr } = await run(['deploy', '--environment', 'preprod', '--sha', world.bad], { LANG });
    const [, shown] = /`((?:Live now: |En ligne maintenant : )[^`]*)`/.exec(textOf(document));
    assert.ok(stderr.split('\n').map(plain).includes(plain(shown)), stderr);
  }
}));

const PROGRAMS = {
  docker: '#!/bin/sh\n[ "$1" != compose ]\n',
  'docker-compose': '#!/bin/sh\necho 1.29.2\n',
  'as-nobody.cjs': 'if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }\n',
};

test('what the READMEs show of `doctor` is what it says', { skip: process.getuid() === 0 ? false : 'only root can act as somebody else' }, () => withPast(async (run, world) => {
  const folder = join(world.root, 'programs');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(folder, name), text, { mode: 0o755 });
  const env = { PATH: `${folder}:${world.engine.env.PATH}`, NODE_OPTIONS: `--require ${join(folder, 'as-nobody.cjs')}` };
  for (const [document, LANG] of Object.entries(LANGUAGES)) {
    const { stdout } = await run(['doctor'], { ...env, LANG });
    const said = stdout.split('\n').map(plain);
    for (const line of blockOf(document, 'machine').filter(Boolean).map(plain)) assert.ok(said.includes(line), `${line}\n${said.join('\n')}`);
  }
}));

test('what the READMEs say of the output of `deploy-command` is so', () => withWorld({}, async (world) => {
  const script = join(world.root, 'script.sh');
  const run = async (version, text) => {
    writeFileSync(script, `set -e\n${text}\n`);
    const sha = world.release({ version });
    world.github.addRun({ sha, status: 'completed', conclusion: 'success' });
    return world.runAction({ mode: 'deploy', sha, inputs: { ...QUICK, 'deploy-command': `sh\n${script}` } });
  };
  const byName = await run(2, 'echo said > /dev/stderr');
  assert.equal(byName.exit, 1);
  for (const document of Object.keys(LANGUAGES)) {
    const [, told] = /^\| `([^`]*No such device[^`]*)` \|.*`>&2`/m.exec(textOf(document));
    assert.ok(byName.stdout.includes(told), byName.stdout);
  }
  const beat = join(world.root, 'beat');
  const stays = (output) => `echo said >&2; (while [ -d ${world.root} ]; do echo beat; date +%s%N > ${beat}; sleep 0.1; done) ${output} &`;
  assert.equal((await run(3, stays(`>> ${join(world.root, 'output')} 2>&1`))).outputs.result, 'validated');
  const last = readFileSync(beat, 'utf8');
  await until(() => readFileSync(beat, 'utf8') > last, 'a program with an output of its own to go on');
}));
