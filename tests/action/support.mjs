// What the scenarios share: a world on the stand-in engine with quick CI settings, CI runs in a
// word, and what is asserted again and again.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';
import { until, withWorld } from '../world/scenario.mjs';
import { noLeakIn } from './secrecy.mjs';

/** Intervals that keep a scenario short; what is waited for stays the same. */
export const QUICK = {
  'ci-interval': '150ms', 'ci-delay': '500ms', 'ci-timeout': '4s', 'health-interval': '100ms', 'health-attempts': '3', 'health-grace': '5s',
};

/** A world, taken down whatever happens, and looked through for secrets before; `inputs` go beside the quick ones. */
export const inWorld = (options, work) =>
  withWorld(options, async (world) => {
    Object.assign(world.inputs, QUICK, options.inputs);
    const result = await work(world);
    noLeakIn(world);
    return result;
  });

/** A CI run of a SHA that has ended so. */
export const ci = (world, sha, conclusion, more = {}) =>
  world.github.addRun({ sha, status: 'completed', conclusion, ...more });

export const FAILING_JOB = {
  name: 'tests',
  conclusion: 'failure',
  steps: [{ name: 'checkout', conclusion: 'success' }, { name: 'pytest', conclusion: 'failure' }],
  log: 'collected 12 items\nE       assert 1 == 2\n##[error]Process completed with exit code 1.\n',
};

/** A CI run that failed, with a failing job, step and log. */
export const ciFails = (world, sha, more = {}) => ci(world, sha, 'failure', { jobs: [FAILING_JOB], ...more });

/** Deploys a SHA, CI followed in the job unless told otherwise. */
export const deploy = (world, sha, inputs = {}, more = {}) =>
  world.runAction({ mode: 'deploy', sha, inputs: { watch: 'inline', ...inputs }, ...more });

/** A release that is deployed and validated: what there is to go back to. */
export async function validated(world, version = 2) {
  const sha = world.release({ version });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  return sha;
}

/** What people read on the site; an app that was started is given time to listen. */
export async function shown(world) {
  const answered = async () => {
    const seen = await world.live();
    return seen.status !== 0 && seen;
  };
  return (await until(answered, 'the site to answer')).body;
}

export const serves = async (world, version) => assert.equal(await shown(world), `version ${version}`);

/** The rollback point's file, or null. */
export function point(world) {
  const file = join(world.stateDir, 'preprod/last-validated-sha.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

/** What people read on Discord, in order: each message, and again when it was edited. */
export const texts = (world) => world.discord.news.map(({ text }) => text);

/** The first lines of what people read; a new message and the edit that says the same count once. */
export const headlines = (world) =>
  texts(world).map((text) => text.split('\n')[0]).filter((head, at, all) => head !== all[at - 1]);

/** The ledger's facts by name, in order. */
export const facts = (world) =>
  world.ledger().map(({ fact }) => (typeof fact === 'string' ? fact : Object.keys(fact)[0]));

const cells = (row) => row.replace(/\\./gs, '').split('|').length;

/** A summary, as GitHub's markdown reads it, holds no picture, no HTML, no row with more cells than its head, and leads nowhere else. */
export function leadsNowhereElse(world, summary) {
  marked.walkTokens(marked.lexer(summary, { gfm: true }), ({ type, raw, text, href }) => {
    assert.ok(type !== 'image' && type !== 'html', raw);
    // A bare address shows where it leads.
    if (type === 'link' && raw !== text) assert.ok(['https://github.com/', world.url].some((ours) => href.startsWith(ours)), raw);
    // The library leaves out what a row has too many of.
    if (type === 'table') assert.deepEqual(raw.trim().split('\n').filter((row, at, [head]) => cells(row) !== cells(head)), []);
  });
}

/** Until the clock's next second: what is named or dated by seconds is told apart from then on. */
export function nextSecond() {
  const second = () => Math.floor(Date.now() / 1000);
  const before = second();
  return until(() => second() > before, 'the next second');
}
