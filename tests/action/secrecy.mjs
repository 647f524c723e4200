// What is looked for where secrets must not be: every secret of a world in every form in which one could
// get out, and the places to look in. Who may hold one stands in the tests.
import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { git, makeRepository } from '../world/git.mjs';
import { callsIn } from '../world/programs.mjs';
import { started } from '../world/witness.mjs';

const REMOTE = 'https://github.com/octo';
const basic = (token) => Buffer.from(`x-access-token:${token}`).toString('base64');

/** What base64 makes of a text wherever it begins: at one of three places in a group, its ends left out. */
const base64 = (text) => [0, 1, 2].map((before) => {
  const all = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  return all.toString('base64').slice(before === 0 ? 0 : before + 1, Math.floor((all.length * 8) / 6));
});

const formsOf = (secret) => [secret, ...base64(secret), basic(secret), encodeURIComponent(secret), Buffer.from(secret).toString('hex')];

/** Every secret of a world, in each of its forms. */
export const forms = (world) => [...new Set([...world.secrets, world.discord.webhookUrl].flatMap(formsOf))];

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

/** Files below a folder, with their texts; links are not followed. */
export const filesBelow = (folder) => (existsSync(folder) ? readdirSync(folder, { recursive: true }) : []).map((name) => join(folder, name))
  .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile()).map((file) => [file, readFileSync(file, 'latin1')]);

/** What one run printed and published, masks left out: [[where, text]]. */
export const saidBy = (result, name) => Object.entries({
  log: result.stdout.split('\n').filter((line) => !line.startsWith('::add-mask::')).join('\n'),
  errors: result.stderr, outputs: JSON.stringify(result.outputs ?? {}), summary: result.summary ?? '',
}).map(([where, text]) => [`${where} of ${name}`, text]);

/** Those of [[where, text]] that hold a secret. */
export const leaks = (world, places) => {
  const all = forms(world);
  return places.filter(([, text]) => all.some((form) => text.includes(form))).map(([where]) => where);
};

/** All that a world has written down by now, messages included: [[where, text]]. */
export const written = (world, temp = world.job?.temp) => [
  ...[world.stateDir, world.logDir, world.home, world.vm, world.prod?.vm, temp].filter(Boolean).flatMap(filesBelow),
  ...world.discord.messages.map((message, at) => [`message ${at}`, JSON.stringify(message)]),
  ...world.discord.requests.map(({ body }, at) => [`request ${at} to Discord`, body]),
];

/**
 * What every process that a run started was given, and what programs were called with by whomever, where a
 * world wrote that down; a git that asks the remote may hold the token.
 */
const called = (world) => [...started(world), ...callsIn(world)].flatMap(({ args, env }, at) => {
  const asks = args[0] === 'git' && args.some((word) => ['fetch', 'submodule', 'ls-remote'].includes(word));
  const given = env.filter((one) => !(asks && one.startsWith('GIT_CONFIG_VALUE_')));
  return [[`arguments of ${args[0]}, call ${at}`, args.join('\n')], [`environment of ${args[0]}, call ${at}`, given.join('\n')]];
});

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
