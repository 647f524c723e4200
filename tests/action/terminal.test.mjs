// The operator's command as people meet it: on a real pseudo-terminal (`script`, of util-linux), and through
// pipes.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ARCHIVE } from '../world/documents.mjs';
import { writePast } from '../world/past.mjs';
import { inWorld, serves, validated } from './support.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'dist/cli.js');
const ESCAPE = '\x1b[';
const quoted = (words) => words.map((word) => `'${String(word).replaceAll("'", "'\\''")}'`).join(' ');

/** A folder for what a test makes, which goes with it. */
async function inTemporary(name, work) {
  const folder = mkdtempSync(join(tmpdir(), name));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program on a pseudo-terminal; `types` is what the person types. */
const terminal = (program, { env = {}, types = '', cwd } = {}) => inTemporary('tty-', async (folder) => {
  const log = join(folder, 'log');
  const all = { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm-256color', LANG: 'en_GB.UTF-8', ...env };
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', quoted(program), log], { env: all, cwd, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(types);
  const [status] = await once(child, 'close');
  return { status, text: readFileSync(log, 'utf8') };
});
const onTerminal = (args, given) => terminal([process.execPath, CLI, ...args], given);

/** Runs it through pipes, in a session without any terminal. */
function piped(args, { env = {}, cwd } = {}) {
  const all = { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'en_GB.UTF-8', ...env };
  return spawnSync('setsid', ['--wait', process.execPath, CLI, ...args], { env: all, cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const withPast = (work) => inTemporary('state-', (state) => {
  writePast(state, { deployments: 5 });
  return work(['status', '--state-dir', state]);
});

test('colours are for a terminal that shows them: not for a pipe, NO_COLOR, a dumb one or --json', () => withPast(async (args) => {
  const isColoured = async (...given) => (await onTerminal(...given)).text.includes(ESCAPE);
  assert.ok(await isColoured(args));
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) assert.ok(!(await isColoured(args, { env })));
  assert.ok(!(await isColoured([...args, '--json'])));
  assert.ok(!piped(args).stdout.includes(ESCAPE));
}));

test('with --json it prints what `state` holds, and nothing else', () => withPast((args) => {
  const { status, stdout } = piped([...args, '--json']);
  assert.equal(status, 0);
  assert.match(JSON.parse(stdout).preprod.live.sha, /^[0-9a-f]{40}$/);
  const misplaced = piped(['doctor', '--json']);
  assert.deepEqual([misplaced.status, misplaced.stdout], [2, '']);
  assert.match(misplaced.stderr, /--json: belongs to `status`/);
}));

test('an answer that a full disk does not take is no success, and says so', () => withPast((args) => {
  const full = openSync('/dev/full', 'w');
  try {
    const { status, stderr } = spawnSync(process.execPath, [CLI, ...args, '--json'], { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] });
    assert.equal(status, 1);
    assert.match(stderr, /ENOSPC: no space left on device/);
  } finally {
    closeSync(full);
  }
}));

test('LANG decides the language of the terminal, unless `locale` is set', () => withPast((args) => {
  const says = (env, ...more) => piped([...args, ...more], { env }).stdout;
  assert.match(says({ LANG: 'fr_FR.UTF-8' }), /en ligne .*depuis le .*déployée, répond bien/);
  assert.match(says({ LANG: 'en_GB.UTF-8' }), /live .*since/);
  assert.match(says({ LANG: 'fr_FR.UTF-8', LC_ALL: 'C' }), /live .*since/);
  assert.match(says({ LANG: 'en_GB.UTF-8' }, '--locale', 'fr'), /en ligne/);
  assert.match(piped(['--help'], { env: { LANG: 'fr_FR.UTF-8' } }).stdout, /^NOM\n[^]*CODES DE SORTIE/);
  const help = piped(['rollback', '--help']).stdout;
  for (const words of ['NAME', 'SYNOPSIS', 'OPTIONS', '--to TEXT', '--yes']) assert.ok(help.includes(words), words);
  assert.ok(help.split('\n').every((line) => line.length <= 100), 'it fits a terminal');
}));

/** A world with a production, where version 3 is live after version 2 was validated. */
const inProduction = (work) => inWorld({ inputs: { environment: 'prod', label: 'PRODUCTION' } }, async (world) => {
  const sha = world.release({ version: 2 });
  await world.runAction({ mode: 'deploy', sha, inputs: { watch: 'none' } });
  await world.runAction({ mode: 'deploy', sha: world.release({ version: 3 }), inputs: { watch: 'none' } });
  await serves(world, 3);
  const named = ['environment', 'app-path', 'compose-file', 'url', 'state-dir', 'log-dir', 'health-interval', 'health-grace'];
  const args = ['rollback', '--to', 'previous', ...named.flatMap((name) => [`--${name}`, world.inputs[name]])];
  const env = { ...world.engine.env, HOME: world.home };
  await work({ world, sha, args, env });
});

test('a rollback of production is asked for, and only yes is yes', () => inProduction(async ({ world, sha, args, env }) => {
  const no = await onTerminal(args, { env, types: 'n\n', cwd: world.vm });
  assert.equal(no.status, 1, no.text);
  assert.match(no.text, new RegExp(`prod.*put ${sha.slice(0, 7)} live again in the place of [0-9a-f]{7}\\? \\[y/N\\]`, 'i'));
  assert.match(no.text, /not confirmed: nothing was touched/);
  await serves(world, 3);
  const yes = await onTerminal(args, { env: { ...env, LANG: 'fr_FR.UTF-8' }, types: 'oui\n', cwd: world.vm });
  assert.equal(yes.status, 0, yes.text);
  assert.match(yes.text, /\[o\/N\]/);
  await serves(world, 2);
  const same = await onTerminal(args.with(2, sha), { env, types: 'n\n', cwd: world.vm });
  assert.match(same.text, new RegExp(`${sha.slice(0, 7)} is live already; put it in place anew if it does not answer well\\? \\[y/N\\]`));
}));

test('without a terminal a rollback of production wants --yes, and says so', () => inProduction(async ({ world, args, env }) => {
  const refused = piped(args, { env, cwd: world.vm });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /no terminal to do that: add --yes. Nothing was touched/);
  await serves(world, 3);
  const done = piped([...args, '--yes'], { env, cwd: world.vm });
  assert.equal(done.status, 0, done.stderr);
  await serves(world, 2);
}));

const isRoot = process.getuid?.() === 0;
test("root does not act on another user's environment, and says as whom to", { skip: isRoot ? false : 'only root can be two users' }, () => inProduction(async ({ world, args, env }) => {
  execFileSync('chown', ['-R', '65534', join(world.stateDir, 'prod')]);
  const refused = piped([...args, '--yes'], { env, cwd: world.vm });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /this is root, and the environment is nobody's.*sudo -u nobody mangetamain-deploy/);
  await serves(world, 3);
  assert.equal(piped([...args, '--dry-run'], { env, cwd: world.vm }).status, 0, 'a look changes nothing');
  // The same of a work tree that the ledger alone knows.
  execFileSync('chown', ['-R', '0', join(world.stateDir, 'prod')]);
  execFileSync('chown', ['65534', world.vm]);
  const bare = piped(['rollback', '--environment', 'prod', '--state-dir', world.stateDir, '--yes'], { env, cwd: world.home });
  assert.equal(bare.status, 1, bare.stderr);
  assert.match(bare.stderr, /this is root, and the environment is nobody's/);
  await serves(world, 3);
}));

test("who is not the user whose environment it is looks, writes nothing there, and is told as whom to run it", { skip: isRoot ? false : 'only root can be two users' }, () => inWorld({}, async (world) => {
  const live = await validated(world);
  const folder = join(world.stateDir, 'preprod');
  const point = join(folder, 'last-validated-sha.txt');
  // What any run that looks writes again.
  rmSync(point);
  execFileSync('chown', ['-R', '65534', world.stateDir]);
  const run = (...words) => {
    const { args, env } = asOperator(world, ...words);
    return piped(args, { env, cwd: world.vm });
  };
  const [status, health, doctor] = [run('status'), run('health'), run('doctor')];
  const told = /this is root, and the environment is nobody's.*sudo -u nobody mangetamain-deploy/;
  assert.deepEqual([status.status, health.status, doctor.status], [0, 0, 1], health.stderr);
  assert.match(status.stdout, told);
  assert.match(status.stdout, new RegExp(`live +${live.slice(0, 7)}`));
  assert.match(health.stdout + health.stderr, told);
  assert.match(doctor.stderr, told);
  const unnamed = piped(['doctor', '--state-dir', world.stateDir], { env: { HOME: world.home }, cwd: world.home });
  assert.match(unnamed.stderr, told, 'of an environment that the ledger alone knows');
  assert.deepEqual([point, join(folder, 'health.jsonl')].map(existsSync), [false, false]);
  // Node itself may stand where only root may go: it becomes another user once it runs.
  const asAnother = ['--import', 'data:text/javascript,process.setgroups([]);process.setgid(65533);process.setuid(65533)'];
  chmodSync(world.root, 0o755);
  const { args, env } = asOperator(world, 'rollback');
  const other = spawnSync(process.execPath, [...asAnother, CLI, ...args, '--yes'], { env: { PATH: process.env.PATH, LANG: 'C', ...env }, cwd: '/', encoding: 'utf8' });
  assert.equal(other.status, 1, other.stdout);
  assert.match(other.stderr, /the environment is nobody's, whose files \S+ may not change\. Run it as nobody: sudo -u nobody/);
  execFileSync('chown', ['-R', '0', world.stateDir]);
  assert.equal(run('status').status, 0);
  assert.equal(existsSync(point), true);
}));

/** The options of a mode on this world's environment, and the variables that it needs. */
const asOperator = (world, ...more) => {
  const named = ['environment', 'app-path', 'compose-file', 'url', 'state-dir', 'log-dir', 'ci-interval', 'ci-delay', 'ci-timeout', 'health-interval', 'health-attempts', 'health-grace'];
  const api = { GITHUB_API_URL: world.github.url, GITHUB_REPOSITORY: world.github.full, GITHUB_TOKEN: world.token };
  return { args: [...more, ...named.flatMap((name) => [`--${name}`, world.inputs[name]])], env: { ...world.engine.env, ...api, HOME: world.home } };
};
const LANGUAGES = { en_GB: [/… until [\d:]{8} UTC: CI of [0-9a-f]{7}: (under way|no run yet)\x1b\[\?7h\r/, /… until [\d:]{8} UTC: health: http\S+: status 404/, /… until [\d:]{8} UTC: the lock, held by run 7\.1 \(deploy abcdef0\)/],
  fr_FR: [/… jusqu'à [\d:]{8} UTC : CI de [0-9a-f]{7} : (en cours|pas encore de run)\x1b\[\?7h\r/, /… jusqu'à [\d:]{8} UTC : santé : http\S+ : code HTTP 404/, /… jusqu'à [\d:]{8} UTC : le verrou, tenu par run 7\.1 \(deploy abcdef0\)/] };
const lines = (text) => text.split(/[\r\n]+/).filter((line) => line.startsWith('…'));

for (const [language, [ci, health, lock]] of Object.entries(LANGUAGES)) {
  const LANG = `${language}.UTF-8`;

  test(`while it waits for CI, a line says for what and until when, and is written over (${language})`, () => inWorld({}, async (world) => {
    await validated(world);
    const sha = world.release({ version: 3 });
    await world.runAction({ mode: 'deploy', sha, inputs: { watch: 'none' } });
    world.github.addRun({ sha, status: 'in_progress' });
    const { args, env } = asOperator(world, 'watch', '--sha', sha);
    const { text } = await onTerminal(args, { env: { ...env, LANG }, cwd: world.vm });
    assert.match(text, ci);
    assert.ok(text.includes('\r\x1b[K'));
  }));

  test(`a deploy that waits for a site and for the lock says so in the same line (${language})`, () => inWorld({}, async (world) => {
    const sha = world.release({ version: 2 });
    const { args, env } = asOperator(world, 'deploy', '--sha', sha, '--watch', 'none', '--health-url', `${world.url}none`);
    const ill = await onTerminal(args, { env: { ...env, LANG }, cwd: world.vm });
    assert.match(ill.text, health);
    const file = join(world.stateDir, 'preprod/lock');
    writeFileSync(file, 'run 7.1 (deploy abcdef0)\n');
    const holder = spawn('flock', [file, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    holder.stdin.write('held');
    await once(holder.stdout, 'readable');
    const held = await onTerminal([...args, '--lock-timeout', '300ms'], { env: { ...env, LANG }, cwd: world.vm });
    holder.stdin.end();
    assert.match(held.text, lock);
    for (const line of lines(ill.text + held.text)) assert.ok([...line].length <= 78, line);
  }));
}

test('bash completes modes, the options of a mode, and their words', () => inTemporary('completion-', (folder) => {
  const file = join(folder, 'bash');
  writeFileSync(file, piped(['completions', 'bash']).stdout);
  const completed = (...words) => {
    const ask = `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mangetamain_deploy; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', ask, 'bash', file, 'mangetamain-deploy', ...words], { encoding: 'utf8' }).trim().split('\n');
  };
  assert.deepEqual(completed('ro'), ['rollback']);
  assert.deepEqual(completed('rollback', '--t'), ['--to']);
  assert.deepEqual(completed('deploy', '--watch', 'de'), ['detached']);
  assert.deepEqual(completed('deploy', '--watch', '=', 'de'), ['detached'], 'as bash splits it by default');
  assert.deepEqual(completed('deploy', '--watch', '=').length, 5);
  assert.deepEqual(completed('deploy', '--watch=de'), ['--watch=detached'], 'where `=` is taken out of COMP_WORDBREAKS');
  assert.deepEqual(completed('rollback', '--to', ''), ['last-validated', 'previous']);
  assert.deepEqual(completed('rollback', '--environment', ''), [''], 'what nobody can know is not guessed');
  assert.deepEqual(completed('status', '--ht'), ['--html']);
  assert.ok(!completed('deploy', '--').includes('--discord-webhook'), 'a secret is no option');
  assert.match(piped(['completions', 'tcsh']).stderr, /needs one shell after it: bash, zsh or fish/);
}));

/** How a shell is started by a person whose set-up is these lines, in a folder that is their home. */
const SHELLS = {
  bash: { file: '.bashrc', lines: 'eval "$(command mangetamain-deploy completions bash)"', args: ['--rcfile', '.bashrc', '-i'] },
  zsh: { file: '.zshrc', lines: 'autoload -Uz compinit; compinit -u -D; source <(command mangetamain-deploy completions zsh)', args: ['-d', '-i'] },
  fish: { file: 'config.fish', lines: 'command mangetamain-deploy completions fish | source', args: ['--no-config', '--init-command', 'source config.fish'] },
};
const isHere = (shell) => spawnSync(shell, ['--version']).status === 0;
/** Where a person presses the key in a command line, and what then stands there. */
const PRESSED = [
  ['mangetamain-deploy rollb\t--to la\t', 'rollback|--to|last-validated'],
  ['mangetamain-deploy rollback --to=pre\t', 'rollback|--to=previous'],
  ['mangetamain-deploy deploy --watch=de\t', 'deploy|--watch=detached'],
  ['mangetamain-deploy deploy --app-path oth\tins\t', 'deploy|--app-path|other/inside'],
  ['mangetamain-deploy deploy --compose-file some\tfi\t', 'deploy|--compose-file|some folder/file'],
];

for (const [shell, { file, lines, args }] of Object.entries(SHELLS)) {
  test(`${shell} completes on a terminal: modes, words, folders to go on into, and names with blanks`, { skip: isHere(shell) ? false : `${shell} is not here` }, () => inTemporary('shell-', async (folder) => {
    for (const name of ['bin', 'other/inside', 'some folder']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'some folder/file'), '');
    writeFileSync(join(folder, 'bin/mangetamain-deploy'), `#!/bin/sh\n[ "$1" != completions ] || exec '${process.execPath}' '${CLI}' "$@"\n(IFS='|'; echo "$*" >> '${join(folder, 'said')}')\n`, { mode: 0o755 });
    writeFileSync(join(folder, file), `${lines}\n`);
    const env = { HOME: folder, ZDOTDIR: folder, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
    for (const [typed, words] of PRESSED) {
      // What stands there is run: what the shell made of the key is what the command is given.
      const { text: screen } = await terminal([shell, ...args], { env, cwd: folder, types: `${typed}\nexit\n` });
      const said = existsSync(join(folder, 'said')) ? readFileSync(join(folder, 'said'), 'utf8').trim() : '';
      assert.deepEqual(said.replace(/\/$/, ''), words, screen);
      rmSync(join(folder, 'said'), { force: true });
    }
  }));
}

/** A server of one file under one path, on this machine. */
async function serving(path, file, work) {
  const asked = [];
  const server = createServer(({ url }, answer) => {
    asked.push(url);
    answer.writeHead(url === path ? 200 : 404, { 'content-type': 'application/x-gzip' }).end(url === path ? readFileSync(file) : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${server.address().port}`, asked);
  } finally {
    server.close();
  }
}

const isClone = existsSync(join(ROOT, '.git'));
test('the line of the README installs the command, of the archive that GitHub makes of a tag and of nothing else', { skip: isClone ? false : 'these sources are no git clone' }, () => inTemporary('install-', async (folder) => {
  const { origin, pathname } = new URL(ARCHIVE);
  assert.equal(origin, 'https://github.com');
  const archive = join(folder, 'v1.tar.gz');
  execFileSync('git', ['archive', '--format=tar.gz', '--prefix=mangetamain-deploy-1/', `--output=${archive}`, 'HEAD'], { cwd: ROOT });
  await serving(pathname, archive, async (server, asked) => {
    // No registry is there to be asked, and nothing that was fetched before.
    const args = ['install', '--global', `${server}${pathname}`, '--prefix', folder, '--cache', join(folder, 'cache'), '--registry', `${server}/registry/`, '--no-audit', '--no-fund'];
    const env = { PATH: process.env.PATH, HOME: folder, NO_PROXY: '127.0.0.1' };
    const npm = spawn('npm', [...args, '--no-update-notifier'], { env, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    const said = text(npm.stderr);
    assert.deepEqual(await once(npm, 'close'), [0, null], await said);
    assert.deepEqual([...new Set(asked)], [pathname]);
  });
  const { stdout, stderr } = spawnSync(join(folder, 'bin/mangetamain-deploy'), ['--version'], { encoding: 'utf8' });
  assert.equal(stdout.trim(), JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version, stderr);
}));

test('who stands in a folder that is gone is told all the same', () => inTemporary('gone-', (folder) => {
  const gone = join(folder, 'gone');
  mkdirSync(gone);
  const words = ['-c', 'cd "$0" && rmdir "$0" && exec "$@"', gone, process.execPath, CLI, 'status', '--state-dir', join(folder, 'state')];
  const { status, stdout, stderr } = spawnSync('bash', words, { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: folder } });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /uv_cwd|at Object/);
}));
