// Every command that the documents show is one that works: a block is bash, the one for a new machine and our own
// program are run for real in a world, and scripts, suites, tests, targets and files that are named exist.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ARCHIVE, DOCUMENTS, textOf } from './documents.mjs';
import { engineState } from './engine.mjs';
import { exampleFiles } from './example.mjs';
import { git } from './git.mjs';
import { ROOT } from './lint.mjs';
import { withWorld } from './scenario.mjs';

const PROGRAMS = /^(?:[A-Z_]+=\S+ )*(?:npm|node|cargo|mangetamain-deploy|gh|git|docker|sudo|pip|cd) \S/;
/** Programs of others, which are taken at their word. */
const OTHERS = ['git', 'docker', 'sudo', 'cp', 'ln', 'ls', 'tail', 'cd', 'export', 'flock', 'pip', 'pkill'];
const dedented = (text) => text.replace(/^ +/gm, '');

/** Blocks of bash, and indented lines that begin with a program: [{document, text}]. */
function blocksOf(document) {
  const text = textOf(document);
  const fenced = [...text.matchAll(/^( *)```bash\n([^]*?)^\1```$/gm)].map(([, , block]) => dedented(block));
  const bare = text.replace(/^( *)```[^]*?^\1```$/gm, '');
  const indented = (bare.match(/(?:^ {4}\S.*\n)+/gm) ?? []).map(dedented).filter((block) => PROGRAMS.test(block));
  const inline = [...bare.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code).filter((code) => /^(npm (run|test|ci|i|install)\b|cargo \w+ |node \S+\/|mangetamain-deploy (?!MODE)[a-z-])/.test(code));
  return [...fenced, ...indented, ...inline].map((block) => ({ document, text: block }));
}

const blocks = DOCUMENTS.flatMap(blocksOf);

/** Commands of a block, each as its words: comments, variables before it and continued lines taken away. */
const commandsOf = ({ document, text }) => text.replace(/\\\n/g, ' ').split('\n').map((line) => line.replace(/(^|\s)#.*$/, ''))
  .flatMap((line) => line.replace(/^\((.*)\)$/, '$1').split(/ && |; /)).map((line) => line.trim().replace(/^(?:[A-Z_]+=\S* )+/, '')).filter(Boolean)
  .map((line) => ({ document, line, words: line.match(/'[^']*'|"[^"]*"|\S+/g).map((word) => word.replace(/^(['"])(.*)\1$/, '$2')) }));
const commands = blocks.flatMap(commandsOf);

const { scripts } = JSON.parse(textOf('package.json'));
const suites = [...textOf('tests/run.mjs').match(/^const SUITES = \[(.*)\];$/m)[1].matchAll(/'(\w+)'/g)].map(([, name]) => name);
const rust = () => readdirSync(join(ROOT, 'tests'), { recursive: true }).filter((name) => name.endsWith('.rs')).map((name) => textOf(`tests/${name}`)).join('\n');
const isThere = (file) => existsSync(join(ROOT, file));

const example = exampleFiles();
/** What the documents ask of GitHub's own command, each with the options that they give it (cli.github.com/manual). */
const GH = {
  'run list': ['--limit'], 'run watch': [], 'run view': ['--log-failed'], 'workflow run': ['-f'],
  'pr create': ['--title', '--body'], 'pr checks': ['--watch'], 'pr merge': ['--squash'], 'attestation verify': ['--repo'],
};
/** Whether a workflow of the example can be started by hand with these inputs. */
const isDispatched = (name, inputs) => {
  const text = example[`.github/workflows/${name}`] ?? '';
  return text.includes('workflow_dispatch') && inputs.every((input) => new RegExp(`^      ${input.split('=')[0]}: \\{`, 'm').test(text));
};
/** Addresses of the example's sites, with the paths that they answer. */
const sites = [...example['.github/mangetamain-deploy.yml'].matchAll(/^ +url: (\S+)$/gm)].map(([, url]) => url);

/** Whether what a command names is there, by its program. */
const CHECKS = {
  gh([topic, verb, name, ...rest]) {
    const options = [name, ...rest].filter((word) => /^--?\w/.test(word));
    const isKnown = options.every((word) => GH[`${topic} ${verb}`]?.includes(word)) && `${topic} ${verb}` in GH;
    return isKnown && (topic !== 'workflow' || isDispatched(name, rest.filter((word) => word !== '-f')));
  },
  curl: (args) => sites.some((site) => args.some((word) => word.startsWith(site) && (word === site || example['10_preprod/src/app.py'].includes(`"/${word.slice(site.length)}"`)))),
  make: ([target]) => new RegExp(`^${target}:`, 'm').test(example['90_doc/Makefile']),
  uv([verb, ...rest]) {
    const tool = rest.filter((word, at) => !word.startsWith('--') && rest[at - 1] !== '--python')[0];
    return verb === 'sync' ? rest.length === 0 : verb === 'run' && example['10_preprod/pyproject.toml'].includes(`"${tool}==`);
  },
  journalctl: ([option, unit]) => option === '-u' && unit === 'actions.runner.*',
  npm([verb, first, ...rest]) {
    if (verb === 'run') return first in scripts;
    if (verb === 'test') return first === undefined || (first === '--' && rest.every((name) => suites.includes(name)));
    if (['i', 'install'].includes(verb)) return first === '--global' && rest.length === 1 && rest[0] === ARCHIVE;
    return verb === 'ci' && first === undefined;
  },
  node(args) {
    const pattern = args[args.indexOf('--test-name-pattern') + 1];
    const files = args.filter((word) => /\.m?js$/.test(word));
    return files.length > 0 && files.every((file) => isThere(file) || isThere(`tests/${file}`)) && (!args.includes('--test-name-pattern') || textOf(files[0]).includes(pattern));
  },
  cargo(args) {
    if (args[0] === 'install') return args.length === 2 && ['cargo-mutants', 'cargo-fuzz'].includes(args[1]);
    if (['fmt', 'clippy'].includes(args[0])) return args.slice(1).every((word) => textOf('.ci/run').includes(` ${word}`));
    if (args[0] === 'fuzz') return args.slice(1).some((word) => textOf('fuzz/Cargo.toml').includes(`name = "${word}"`));
    const named = args[args.indexOf('--test') + 1];
    return args.includes('--test') ? [`tests/${named}.rs`, `tests/${named}/main.rs`].some(isThere) : args[0] === 'test' && (args.length === 1 || rust().includes(`fn ${args[1]}`));
  },
};

test('every block of commands is bash', () => {
  assert.ok(blocks.length >= 20, String(blocks.length));
  for (const { document, text } of blocks) {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    assert.equal(status, 0, `${document}: ${text}${stderr}`);
  }
});

test('every script, suite, test, target and file that a command names exists', () => {
  const wrong = commands.filter(({ words: [program, ...args] }) => {
    if (program === 'mangetamain-deploy' || OTHERS.includes(program) || /^[~.]?\.?\//.test(program)) return false;
    return !(CHECKS[program]?.(args) ?? false);
  });
  assert.deepEqual(wrong.map(({ document, line }) => `${document}: ${line}`), []);
});

test('files of the example that a command names are there, and logs are where a watcher writes them', () => {
  const named = commands.flatMap(({ document, words }) => words.map((word) => [document, word]));
  const ofExample = named.filter(([, word]) => /(?:^|\/)\d\d_\w+\/[\w.-]*\w$/.test(word));
  assert.ok(ofExample.length >= 8, String(ofExample.length));
  assert.deepEqual(ofExample.filter(([, word]) => !(/\d\d_\w+\/[\w.-]+$/.exec(word)[0] in example)), []);
  const logs = named.filter(([, word]) => word.includes('ci-watcher'));
  assert.deepEqual(logs.filter(([, word]) => !/^\/tmp\/ci-watcher-(?:LATEST|\*)\.log$/.test(word)), []);
});

const { v1, v2 } = engineState();
const here = Object.entries({ 'real-v1': v1, 'real-v2': v2 }).filter(([, version]) => version).map(([kind]) => kind);
const ENGINES = here.length > 0 ? here : ['daemon'];

/** Runs each line of a block for a new machine by itself, as a person does; `sudo` gives no more rights than we have. */
function onNewMachine(world, block) {
  const bin = join(world.root, 'sudo');
  mkdirSync(bin);
  writeFileSync(join(bin, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  const env = { ...world.engine.env, PATH: `${bin}:${world.engine.env.PATH}`, HOME: world.home, USER: userInfo().username, GIT_TERMINAL_PROMPT: '0' };
  for (const line of block.split('\n').filter((text) => text && !text.startsWith('#'))) {
    const command = line.replaceAll('/var/app-state', world.stateDir);
    assert.deepEqual(command.split(/[\s"']+/).filter((word) => word.startsWith('/') && !word.startsWith(world.stateDir)), [], `outside of this world: ${line}`);
    const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: world.home, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
  }
}

for (const [document, begin] of [['README.md', '# On the VM\n'], ['README.fr.md', '# Sur la VM\n']]) for (const engine of ENGINES) {
  test(`what ${document} has a person type on a new machine makes it ready (${engine})`, () => withWorld({ engine, running: false, files: { '10_preprod/app.py': '' } }, async (world) => {
    const clone = join(world.home, 'mangetamain');
    world.repository.clone(clone);
    const sha = world.release({ version: 2 });
    onNewMachine(world, blocks.find((block) => block.document === document && block.text.startsWith(begin)).text);
    const { mode, uid } = statSync(world.stateDir);
    assert.deepEqual([mode & 0o777, uid, git(clone, 'rev-parse', 'origin/main')], [0o700, process.getuid(), sha]);
  }));
}

const CONFIGURATION = (world) => ['defaults: { locale: fr }', 'environments:', ...['preprod', 'prod'].flatMap((name) => [
  `  ${name}:`, `    app-path: ${world.vm}`, `    state-dir: ${world.stateDir}`, `    log-dir: ${world.logDir}`, '    ci: { delay: 0s, timeout: 1s }',
]), ''].join('\n');

test('every document that tells how the command is installed tells it the same way', () => {
  const told = commands.filter(({ words: [program, verb] }) => program === 'npm' && ['i', 'install'].includes(verb)).map(({ document }) => document);
  assert.deepEqual(told, ['README.md', 'README.fr.md', 'docs/MIGRATION.fr.md', 'docs/MIGRATION.md', 'examples/mangetamain/README.md']);
});

test('every command line of ours in the documents is taken as it stands', async () => {
  const ours = [...new Set(commands.filter(({ words }) => words[0] === 'mangetamain-deploy').map(({ line }) => line))];
  assert.ok(ours.length >= 8, ours.join('\n'));
  await withWorld({ engine: 'none', running: false }, async (world) => {
    mkdirSync(join(world.root, '.github'));
    writeFileSync(join(world.root, '.github/mangetamain-deploy.yml'), CONFIGURATION(world));
    const env = { GITHUB_REPOSITORY: world.github.full, GITHUB_API_URL: world.github.url };
    for (const line of ours) {
      const args = line.split(/\s+/).slice(1).join(' ').replace(/"\$\(.*?\)"|\bSHA\w*\b/g, world.first).split(' ').filter(Boolean);
      const { exit, stdout, stderr } = await world.runCommand(args, { cwd: world.root, env });
      assert.ok([0, 1].includes(exit), `${line}\n${stdout}${stderr}`);
      assert.doesNotMatch(stderr, /problems? in the inputs|problèmes? dans les réglages/, line);
    }
  });
});

const REFUSALS = { 'README.md': ['C.UTF-8', /```text\n(2 problems in the inputs;[^]*?)```/], 'README.fr.md': ['fr_FR.UTF-8', /```text\n(2 problèmes dans les réglages ;[^]*?)```/] };
for (const [name, [language, pattern]] of Object.entries(REFUSALS)) test(`what ${name} shows of a command's refusal is what it says`, () => {
  const [, shown] = pattern.exec(textOf(name));
  const folder = join(ROOT, 'target');
  const args = [join(ROOT, 'dist/cli.js'), 'status', '--config'];
  const file = join(folder, `refused-${process.pid}.yml`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, 'environments:\n  preprod:\n    app-path: 10_preprod\n    ci: { timeout: 5 minutes }\n');
  const { status, stderr } = spawnSync(process.execPath, [...args, file], { encoding: 'utf8', env: { ...process.env, LC_ALL: language } });
  assert.equal(status, 2);
  for (const line of shown.trim().split('\n')) assert.ok(stderr.includes(line), `${line}\n${stderr}`);
});
