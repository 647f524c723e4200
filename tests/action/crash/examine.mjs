// What must be so after a kill and the next run, whatever was killed and whatever ran next; and what the
// environment has come to, for a comparison with runs that nothing happened to.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../../world/git.mjs';
import { until } from '../../world/scenario.mjs';
import { VERSIONS } from './scenarios.mjs';
import { saidBy } from './town.mjs';

const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const stateFile = (world, name) => join(world.stateDir, 'preprod', name);

/** Right after a kill: nothing but the last line of the ledger may be torn. */
export function examineLedgerOf({ world }) {
  const text = readIfThere(stateFile(world, 'ledger.jsonl'));
  const lines = text.split('\n');
  const torn = lines.pop();
  return { entries: lines.filter((line) => !line.endsWith('#torn')).map((line) => JSON.parse(line)), torn };
}

/** Whether the ledger shows a request that is not over. */
export function isUnfinished(entries) {
  const asked = (fact) => fact.asked !== undefined || fact.ended !== undefined;
  return entries.map(({ fact }) => fact).findLast(asked)?.asked !== undefined;
}

/** Everything that a whole environment has, after a run that was not killed; gives its state. */
export async function examine(town, result, { kept = [] } = {}) {
  const { world } = town;
  assert.equal(result.signal, null, 'the run ended by itself');
  assert.doesNotMatch(result.log, /This is a bug in/);
  const state = JSON.parse(result.outputs.state).preprod;
  const { entries, torn } = examineLedgerOf(town);
  assert.ok(torn === '' || state['set-aside'] > 0, 'a torn line at the end is told, until something is written after it');
  entries.forEach(({ seq }, at) => assert.equal(seq, at + 1, 'entries count without gaps: a torn line was not trusted'));
  assert.equal(state.unfinished, null, 'nothing is left unfinished');
  assert.equal(isUnfinished(entries), false);
  examineTree(town, state, kept);
  examinePoint(town, state);
  examineFolders(world);
  await examineProcesses(world);
  if (state.live) assert.equal((await world.live()).body, saidBy(town.nameOf(state.live.sha)), 'the site serves what the ledger says is live');
  return state;
}

function examineTree({ world }, state, kept) {
  if (state.live) assert.equal(world.checkedOut(), state.live.sha, 'the work tree stands at what is live');
  if (kept.length === 0) assert.equal(git(world.vm, 'status', '--porcelain'), '', 'the work tree is whole');
  assert.ok(!existsSync(join(world.vm, '.git/index.lock')), 'no index.lock is left');
  const saved = [...kept].filter((content) => !holds(world.vm, content));
  assert.deepEqual(saved, [], 'what a person had changed is in the work tree or under a ref');
}

// In the work tree as it is, or in any commit below refs/mangetamain-deploy.
function holds(folder, content) {
  const refs = git(folder, 'for-each-ref', '--format=%(refname)', 'refs/mangetamain-deploy').split('\n').filter(Boolean);
  const files = ['www/version.txt', 'www/added.txt'];
  const said = refs.flatMap((ref) => files.map((file) => spawnSync('git', ['-C', folder, 'show', `${ref}:${file}`], { encoding: 'utf8' }).stdout));
  return [...said, ...files.map((file) => readIfThere(join(folder, file)))].includes(content);
}

function examinePoint(town, state) {
  const file = readIfThere(stateFile(town.world, 'last-validated-sha.txt'));
  assert.equal(file, state.validated ? `${state.validated.sha}\n` : '', 'the rollback point\'s file says what the ledger says');
  if (state.validated) assert.equal(VERSIONS[town.nameOf(state.validated.sha)].ci ?? 'success', 'success', 'only CI\'s success validates');
}

const PLAIN = ['compose.json', 'last-validated-sha.txt', 'ledger.jsonl', 'lock', 'watcher'];

function examineFolders(world) {
  const names = (folder) => (existsSync(folder) ? readdirSync(folder) : []);
  const strange = names(stateFile(world, '')).filter((name) => !PLAIN.includes(name));
  assert.deepEqual([...strange, ...names(world.logDir)], [], 'no temporary file is left');
  for (const name of ['lock', 'watcher'].map((one) => stateFile(world, one)).filter((file) => existsSync(file))) {
    assert.equal(spawnSync('flock', ['--nonblock', name, 'true']).status, 0, `${name} is held`);
  }
}

const examineProcesses = (world) => until(() => world.leftovers().length === 0, 'every process to end', 5000);

/** {live, validated, quarantined} by names of versions. */
export function sumUp(town, state) {
  const name = (one) => (one ? town.nameOf(one.sha) : null);
  return { live: name(state.live), validated: name(state.validated), quarantined: state.quarantine.map(name).sort() };
}

/** How often each message was sent: {headline and SHA: times}. */
export function messagesOf({ world }) {
  const counts = {};
  for (const { content } of world.discord.messages) {
    const key = content.split('\n').filter((line, at) => at === 0 || line.startsWith('SHA')).join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
