// What doctor's tests share: a world in which nothing is wrong (a file of settings, the remote by its
// real name, a run of CI, a validated version), programs put first in PATH, and the screen as values.
import assert from 'node:assert/strict';
import { chmodSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../world/git.mjs';
import { makeWorld } from '../world/scenario.mjs';
import { lookedThrough } from './secrecy.mjs';
import { QUICK, validated } from './support.mjs';

const REMOTE = 'https://github.com/octo/app.git';
const UNIT = 'Id=actions.runner.octo-app.vm.service\nKillMode=process\nUser=ci\n';
/** Nobody, on every Debian. */
export const NOBODY = 65534;
/** Only root can act as somebody else. */
export const asRoot = { skip: process.getuid() === 0 ? false : 'only root can act as somebody else' };

/** Programs that say these texts, in a folder to put first in PATH. */
export function programs(world, texts) {
  const folder = mkdtempSync(join(world.root, 'programs-'));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  chmodSync(folder, 0o755);
  return { PATH: `${folder}:${world.engine.env.PATH}` };
}

const saying = (text) => `cat <<'END'\n${text}END`;
export const systemctl = (text) => ({ systemctl: saying(text) });

/** Settings of the file, as text; `more` are lines of preprod's. */
export const settings = (world, more = []) => ['environments:', '  preprod:', ...[
  `app-path: ${world.vm}`, `state-dir: ${world.stateDir}`, `log-dir: ${world.logDir}`, `url: ${world.url}`,
  `compose: { file: ${join(world.vm, 'docker-compose.yml')} }`, ...more,
].map((line) => `    ${line}`), ''].join('\n');

/** Writes the configuration file where a job finds it. */
export function configure(world, text) {
  const folder = join(world.root, '_work/app/app/.github');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'mangetamain-deploy.yml'), text);
}

/** A world in which a first version was validated and everything is as it should be. */
export async function healthy(options = {}) {
  const world = lookedThrough(await makeWorld({ ...options, app: { restart: 'unless-stopped', ...options.app } }));
  Object.assign(world.inputs, QUICK, options.inputs);
  git(world.vm, 'remote', 'set-url', 'origin', REMOTE);
  git(world.vm, 'config', `url.file://${world.repository.origin}.insteadOf`, REMOTE);
  configure(world, settings(world));
  world.good = await validated(world);
  const kept = ['discord-webhook', 'token', 'locale'];
  for (const name of Object.keys(world.inputs)) if (!kept.includes(name)) world.inputs[name] = '';
  world.inputs.locale ??= 'en';
  world.path = programs(world, systemctl(UNIT));
  world.discord.forget();
  return world;
}

/** Runs doctor in a job: its result with `findings`, and `of(check, place)` for the one of a check. */
export async function doctor(world, inputs = {}, { env = {}, ...more } = {}) {
  const result = await world.runAction({ mode: 'doctor', inputs, env: { ...world.path, ...env }, ...more });
  return read(result);
}

function read(result) {
  const findings = [];
  let place = '';
  for (const line of result.log.split('\n')) {
    const found = /^ {2}(ok|skip|WARN|FAIL) +/.exec(line);
    if (found) findings.push({ place, level: found[1].toLowerCase(), check: line.slice(9, 24).trim(), seen: line.slice(25), mend: '' });
    else if (/^ {25}→ /.test(line)) findings.at(-1).mend = line.slice(27);
    else if (/^\S/.test(line)) place = line.trim();
  }
  const of = (check, level) => {
    const all = findings.filter((it) => it.check === check && (level === undefined || it.level === level));
    assert.ok(all.length > 0, `no finding of ${check} ${level ?? ''}:\n${result.log}`);
    return all[0];
  };
  return { ...result, findings, of };
}

/** A finding has this level, was seen so, and is mended so. */
export function is(finding, level, seen, mend) {
  assert.equal(finding.level, level, JSON.stringify(finding));
  assert.match(finding.seen, seen);
  if (mend) assert.match(finding.mend, mend);
}

/**
 * Variables with which the action runs as nobody. Not through a shell's wrapper: a shell drops the
 * inputs, whose names have hyphens.
 */
export function asNobody(world) {
  const file = join(world.root, 'as-nobody.cjs');
  const act = `process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY}); process.umask(0o022);`;
  writeFileSync(file, `if (process.getuid() === 0) { ${act} }\n`);
  for (const path of [join(world.root, '_work'), world.home]) give(path, NOBODY);
  return { NODE_OPTIONS: `--require ${file}` };
}

/** Gives a folder and all in it to a user; of a link the link alone, as programs of this machine are linked to. */
export function give(path, uid) {
  lchownSync(path, uid, uid);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) give(join(path, name), uid);
}
