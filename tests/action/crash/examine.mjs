// What must be so after a kill and the next run, whatever was killed and whatever ran next; and what the
// environment has come to, for a comparison with runs that nothing happened to.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../../world/git.mjs';
import { until } from '../../world/scenario.mjs';
import { VERSIONS, saidBy } from './town.mjs';

const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const stateFile = (world, place, name) => join(world.stateDir, place, name);

/** Right after a kill: nothing but the last line of the ledger may be torn. */
export function examineLedgerOf({ world }, place = 'preprod') {
  const text = readIfThere(stateFile(world, place, 'ledger.jsonl'));
  const lines = text.split('\n');
  const torn = lines.pop();
  return { entries: lines.filter((line) => !line.endsWith('#torn')).map((line) => JSON.parse(line)), torn };
}

/** Right after a kill, too: what is replaced is the old or the new, and never half of either. */
export function examineFilesOf({ world }, place = 'preprod') {
  const [point, ...rest] = ['last-validated-sha.txt', 'messages.json', 'untold.json', 'compose.json'].map((name) => readIfThere(stateFile(world, place, name)));
  assert.match(point, /^([0-9a-f]{40}\n)?$/, 'the rollback point\'s file is whole');
  rest.filter(Boolean).forEach((text) => JSON.parse(text));
}

/** Whether the ledger shows a request that is not over. */
export function isUnfinished(entries) {
  const asked = (fact) => fact.asked !== undefined || fact.ended !== undefined;
  return entries.map(({ fact }) => fact).findLast(asked)?.asked !== undefined;
}

/** Everything that a whole environment has, after a run that was not killed; gives its state. */
export async function examine(town, result, { place = 'preprod', kept = [] } = {}) {
  const { world } = town;
  assert.equal(result.signal, null, 'the run ended by itself');
  assert.doesNotMatch(result.log, /This is a bug in/);
  const state = JSON.parse(result.outputs.state)[place];
  const { entries, torn } = examineLedgerOf(town, place);
  assert.ok(torn === '' || state['set-aside'] > 0, 'a torn line at the end is told, until something is written after it');
  entries.forEach(({ seq }, at) => assert.equal(seq, at + 1, 'entries count without gaps: a torn line was not trusted'));
  assert.equal(state.unfinished, null, 'nothing is left unfinished');
  assert.equal(isUnfinished(entries), false);
  examineTree(town.places[place].vm, state, kept);
  examinePoint(town, place, state);
  examineFolders(world, place, result);
  await until(() => world.leftovers().length === 0, 'every process to end', 5000);
  if (state.live) await examineSite(town, place, town.nameOf(state.live.sha));
  return state;
}

function examineTree(vm, state, kept) {
  if (state.live) assert.equal(git(vm, 'rev-parse', 'HEAD'), state.live.sha, 'the work tree stands at what is live');
  if (kept.length === 0) assert.equal(git(vm, 'status', '--porcelain'), '', 'the work tree is whole');
  assert.ok(!existsSync(join(vm, '.git/index.lock')), 'no index.lock is left');
  assert.deepEqual(kept.filter((content) => !holds(vm, content)), [], 'what a person had changed is in the work tree or under a ref');
}

// In the work tree as it is, or in any commit below refs/mangetamain-deploy.
function holds(vm, content) {
  const refs = git(vm, 'for-each-ref', '--format=%(refname)', 'refs/mangetamain-deploy').split('\n').filter(Boolean);
  const files = ['www/version.txt', 'www/added.txt'];
  const said = refs.flatMap((ref) => files.map((file) => spawnSync('git', ['-C', vm, 'show', `${ref}:${file}`], { encoding: 'utf8' }).stdout));
  return [...said, ...files.map((file) => readIfThere(join(vm, file)))].includes(content);
}

function examinePoint(town, place, state) {
  const file = readIfThere(stateFile(town.world, place, 'last-validated-sha.txt'));
  assert.equal(file, state.validated ? `${state.validated.sha}\n` : '', 'the rollback point\'s file says what the ledger says');
  if (state.validated) assert.equal(VERSIONS[town.nameOf(state.validated.sha)].ci ?? 'success', 'success', 'only CI\'s success validates');
}

const PLAIN = ['backups', 'command', 'compose.json', 'health.jsonl', 'health.lock', 'last-validated-sha.txt', 'ledger.jsonl', 'lock', 'messages.json', 'taken-in.json', 'untold.json', 'watcher'];

// What a look comes to that has found nothing to do.
const LOOKED = ['ok', 'healthy'];

const names = (folder) => (existsSync(folder) ? readdirSync(folder) : []);

// A killed process that nobody has waited for yet stands in /proc, too.
const isThere = (name) => existsSync(`/proc/${name.split('.').at(-2)}`);

/** Files not yet renamed, of processes that the next run takes for ones at work. */
export const heldFiles = ({ world }, place = 'preprod') => names(stateFile(world, place, '')).filter((name) => /\.\d+\.tmp$/.test(name) && isThere(name));

function examineFolders(world, place, result) {
  // What was to become a memory of messages is removed by the next run that takes the lock; one that only
  // looks, and finds nothing to do, takes none.
  // And one that takes it leaves alone what is of a process that may be at work.
  const mayStay = (name) => /^(messages|untold)\.json\.\d+\.tmp$/.test(name) && (LOOKED.includes(result.outputs.result) || isThere(name));
  const strange = names(stateFile(world, place, '')).filter((name) => !PLAIN.includes(name) && !mayStay(name));
  const logs = names(world.logDir).filter((name) => !/^ci-watcher-([0-9a-f]{40}|LATEST)\.log$/.test(name));
  assert.deepEqual([...strange, ...logs], [], 'no temporary file is left');
  for (const name of ['lock', 'watcher'].map((one) => stateFile(world, place, one)).filter((file) => existsSync(file))) {
    assert.equal(spawnSync('flock', ['--nonblock', name, 'true']).status, 0, `${name} is held`);
  }
  for (const name of names(stateFile(world, place, 'backups'))) {
    assert.match(name, /^\d{8}T\d{6}Z-[0-9a-f]{7}$/, 'no half backup is left');
    const cwd = join(stateFile(world, place, 'backups'), name, 'files');
    assert.equal(spawnSync('sha256sum', ['--check', '--strict', '--quiet', '../SHA256SUMS'], { cwd }).status, 0, `the backup ${name} is whole`);
  }
}

async function examineSite(town, place, name) {
  const { url, files, folder } = town.places[place];
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000), headers: { connection: 'close' } }).then((it) => it.text(), String);
  assert.equal(answer.trim(), saidBy(name), 'the site serves what the ledger says is live');
  if (!files) return;
  const settings = readFileSync(join(files, 'settings.txt'), 'utf8').trim();
  const isOld = settings === 'of first';
  assert.deepEqual(readdirSync(files).sort(), [isOld ? 'only-old' : 'only-new', 'settings.txt'], 'files are of one version');
  if (name !== 'first') assert.equal(settings, `of ${town.shas[name]}`, 'files are of the version that is live');
  assert.deepEqual(readdirSync(folder).filter((one) => one.includes('.restored-')), [], 'nothing half put back is left');
}

/** {live, validated, quarantined} by names of versions. */
export function sumUp(town, state) {
  const name = (one) => (one ? town.nameOf(one.sha) : null);
  return { live: name(state.live), validated: name(state.validated), quarantined: state.quarantine.map(name).sort() };
}

/** How often each message was posted, as opposed to edited: {headline and SHA: times}. */
export function messagesOf({ world }) {
  const counts = {};
  for (const { text } of world.discord.news.filter(({ edited }) => !edited)) {
    const key = text.split('\n').filter((line, at) => at === 0 || line.startsWith('SHA')).join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
