// Where secrets must not be, and a look through all of it. In which forms one could get out stands in forms.mjs,
// who may hold one in the tests.
import assert from 'node:assert/strict';
import { lstatSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync, inflateSync } from 'node:zlib';
import { git, makeRepository } from '../world/git.mjs';
import { callsIn } from '../world/programs.mjs';
import { asksRemote, traced } from '../world/trace.mjs';
import { forgetStarted, started } from '../world/witness.mjs';
import { seeker } from './forms.mjs';

const REMOTE = 'https://github.com/octo';

/** The remote is a private https one, as far as git's configuration says; its bytes come from this machine. */
export function behindHttps(world) {
  const lib = makeRepository(join(world.root, 'git/lib'), { 'lib.txt': 'one\n' });
  const instead = ([name, origin]) => `[url "file://${origin}"]\n\tinsteadOf = ${REMOTE}/${name}.git\n`;
  const rules = Object.entries({ app: world.repository.origin, lib: lib.origin }).map(instead).join('');
  writeFileSync(join(world.home, '.gitconfig'), `${rules}[protocol "file"]\n\tallow = always\n`);
  git(world.vm, 'remote', 'set-url', 'origin', `${REMOTE}/app.git`);
  git(world.repository.author, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', `file://${lib.origin}`, 'lib');
  git(world.repository.author, 'config', '-f', '.gitmodules', 'submodule.lib.url', `${REMOTE}/lib.git`);
}

/** As a workflow may set them for all of its steps, some under names of its own. */
export const jobVariables = (world) => ({
  GITHUB_TOKEN: world.token, WATCH_TOKEN: world.token, DISCORD_WEBHOOK_URL: world.discord.webhookUrl,
  GH_TOKEN: world.token, CLONE_URL: `https://x-access-token:${world.token}@github.com/octo/app.git`, CHANNELS: `team=${world.discord.webhookUrl} other=`,
});

// What is not the product's: the remote, the tests' own programs and their notes, copies of what is looked through,
// checkouts that act works in, the action itself.
const TESTS = /^(git|bin|programs|traces|kept|started\.jsonl|witness\.cjs|checkout.*|product|_work\/_actions)$/;

// gzip, and zlib: a git object that was written here, so what was saved of a work tree.
const unpackerOf = (magic) => (magic === 0x1f8b ? gunzipSync : magic >> 8 === 0x78 && magic % 31 === 0 ? inflateSync : null);

// A world that is put back has the same files again and again: each is read once, where `world.clean` is a set.
const isKnown = (world, name, { size, mtimeMs }) => {
  const key = `${name} ${size} ${mtimeMs}`;
  return Boolean(world.clean) && (world.clean.has(key) || !world.clean.add(key));
};

/** What a file says, and what is packed in it. */
function textOf(file) {
  const bytes = readFileSync(file);
  const unpack = bytes.length > 2 && unpackerOf(bytes.readUInt16BE());
  try {
    return unpack ? `${bytes}\n${unpack(bytes)}` : bytes.toString();
  } catch {
    return bytes.toString(); // cut off, or of another kind
  }
}

/** All that a world's folder holds: [[path, text]], where the text is its name and what is in it, or what a link leads to. */
function allBelow(world, path = world.root) {
  const name = relative(world.root, path);
  if (TESTS.test(name)) return [];
  try {
    const seen = lstatSync(path);
    if (seen.isFile() && isKnown(world, name, seen)) return [];
    const inside = seen.isDirectory() ? readdirSync(path).flatMap((one) => allBelow(world, join(path, one))) : [];
    const text = seen.isFile() ? textOf(path) : seen.isSymbolicLink() ? readlinkSync(path) : '';
    return [[path, `${name}\n${text}`], ...inside];
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return []; // gone meanwhile
  }
}

/** What one run printed and published, masks left out: [[where, text]]. */
export const saidBy = (result, name) => Object.entries({
  log: result.stdout.split('\n').filter((line) => !line.startsWith('::add-mask::')).join('\n'),
  errors: result.stderr, outputs: JSON.stringify(result.outputs ?? {}), summary: result.summary ?? '',
}).map(([where, text]) => [`${where} of ${name}`, text]);

/** Those of [[where, text]] that hold a secret. */
export const leaks = (world, places) => {
  const holds = seeker(world);
  return places.filter(([, text]) => holds(text)).map(([where]) => where);
};

// The token may go to GitHub's API, in its header; the webhook's address is where Discord is asked.
const askedOfGitHub = ({ server, method, target, headers, body }, at) => {
  const rest = server === 'api' ? { ...headers, authorization: '' } : headers;
  return [`request ${at} to GitHub (${server})`, [method, target, JSON.stringify(rest), body].join('\n')];
};
const askedOfDiscord = ({ headers, body }, at) => [`request ${at} to Discord`, [JSON.stringify(headers), body].join('\n')];

/** All that a world has written down and asked for by now, messages included: [[where, text]]. */
export const written = (world) => [
  ...allBelow(world),
  ...world.discord.messages.map((message, at) => [`message ${at}`, JSON.stringify(message)]),
  ...world.discord.requests.map(askedOfDiscord), ...world.github.requests.map(askedOfGitHub),
];

/**
 * What every process that a run started was given: those that our own code started, those that wrapped programs
 * wrote down, and all that a trace has. A git that asks the remote, and what it starts, may hold the token.
 */
function called(world) {
  const calls = [...started(world), ...callsIn(world)].map((call) => ({ ...call, asks: asksRemote(call.args) }));
  return [...calls, ...traced(world)].flatMap(({ args, env, asks }, at) => {
    const given = env.filter((one) => !(asks && one.startsWith('GIT_CONFIG_VALUE_')));
    return [[`arguments of ${args[0]}, call ${at}`, args.join('\n')], [`environment of ${args[0]}, call ${at}`, given.join('\n')]];
  });
}

/** Processes of ours that are left: watchers. */
const left = (world) => world.leftovers().map(({ pid, command, environ }) => [`process ${pid}`, [...command, ...environ].join('\n')]);

/**
 * Fails where a secret of a world is anywhere that it must not be, at the end of its life. A scenario in
 * which somebody else says our secrets names the places where they are his: `world.mayHold(where)`.
 */
export function noLeakIn(world) {
  const said = world.results.flatMap((result, at) => saidBy(result, `run ${at}`));
  const places = [...written(world), ...said, ...called(world), ...left(world)];
  assert.deepEqual(leaks(world, places.filter(([where]) => !world.mayHold?.(where))), [], 'places that hold a secret');
}

/** The same in the middle of a world's life: what was looked through is not looked through again. */
export function noLeakSoFar(world) {
  world.clean ??= new Set();
  noLeakIn(world);
  world.results.length = 0;
  forgetStarted(world);
}

/** The same for a world that is closed by who made it: its end begins with the look through it. */
export function lookedThrough(world) {
  const { close } = world;
  world.close = async () => {
    try {
      noLeakIn(world);
    } finally {
      await close();
    }
  };
  return world;
}
