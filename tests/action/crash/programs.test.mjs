// git and docker at fault: a program that stands first in PATH hangs, dies or prints garbage at one call, of each
// kind that a deploy, a watch, a rollback and a promote make. Each time: an end that says what is live now and what
// to do, nothing half done, and the next run is as if nothing had been.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapPrograms } from '../../world/programs.mjs';
import { git } from '../../world/git.mjs';
import { until } from '../../world/scenario.mjs';
import { comesTo, eachRow, told } from './table.mjs';
import { saidBy } from './town.mjs';

const LIMIT_MS = 400;
/** What stands in a program's place; and how its end looks to who called it. */
const FAULTS = {
  hangs: { script: 'exec sleep 600', isSeen: ({ isLate }) => isLate },
  dies: { script: 'kill -9 $$', isSeen: ({ signal, isLate }) => signal === 'SIGKILL' && !isLate },
  'prints garbage': { script: "printf '\\377\\376}{\\000::error::-c\\r##[error]\\n'; exit 0", isSeen: ({ said }) => said?.includes('}{\0::error::-c') },
};

/** Every kind of call, each by words that no other holds. */
const CALLS = {
  'finding the repository': ' rev-parse --is-shallow-repository',
  'asking for HEAD': ' rev-parse --verify HEAD^',
  'comparing commits': ' merge-base --is-ancestor',
  'looking for local changes': ' status --porcelain',
  'asking what git is not to look at': ' ls-files -v',
  'listing what changes': ' diff-tree -r',
  resetting: ' reset --hard',
  'asking for LFS files': ' ls-files -z',
  'listing containers': ' ps --all',
  'looking at containers': ' inspect --type',
  'asking for the version of compose': ' compose version',
};
const FORWARD = {
  'asking for the remote': ' config --get remote.origin.url',
  fetching: ' fetch --quiet',
  'asking for the branch': ' rev-parse --verify refs/remotes/origin/main',
  'reading the commit': ' log -1',
  'looking for LFS filters': ' grep -q',
};
const REFS = { 'listing refs': ' for-each-ref' };
const BETWEEN = { 'counting commits': ' rev-list --count', 'naming commits': ' log --no-patch' };
const RESTART = { 'restarting containers': ' restart ' };
const UP = { 'making containers anew': ' up -d ' };
const BRANCH = { 'asking for the branch': FORWARD['asking for the branch'] };
const WATCH = { ...CALLS, ...UP, ...REFS, ...BETWEEN, ...BRANCH };
const MADE = {
  'a deploy': { ...CALLS, ...FORWARD, ...RESTART },
  'a watch by event': WATCH,
  'a watch by polling': WATCH,
  'a rollback by hand': { ...CALLS, ...RESTART, ...REFS, ...BRANCH, 'finding a commit by its first digits': ' rev-parse --verify --quiet' },
  'a promote': { ...CALLS, ...FORWARD, ...RESTART, ...BETWEEN, 'listing all containers': ' ps --quiet', 'looking at images': ' image inspect' },
};

const answered = (url) => until(() => fetch(url, { headers: { connection: 'close' } }).then((it) => it.text(), () => null), 'the site to answer');

/**
 * It ended by itself, as it said: the wanted version is live, or the old one, and which is told. What it was to be
 * may stand where there is no way back, as after a rollback, and is told to be unhealthy or not known to run.
 */
async function examineEnd(town, result, { place, was, wanted, result: word }) {
  assert.equal(result.signal, null, 'it ended by itself');
  assert.doesNotMatch(result.log, /This is a bug in/);
  assert.deepEqual(result.commands.filter(({ name, text }) => name === 'error' && text.startsWith('-c ')), [], 'what a program prints is no command');
  const isWell = result.outputs.result === word;
  const { live, unfinished } = JSON.parse(result.outputs.state)[place];
  const name = town.nameOf(live.sha);
  assert.ok([was, wanted].includes(name), name);
  const stands = !isWell && name === wanted;
  assert.ok(!isWell || name === wanted, result.stdout);
  if (!isWell) {
    const said = told(result);
    assert.equal(result.exit, 1, result.stdout);
    assert.match(said, new RegExp(`^En ligne maintenant : (pas certain ; le clone est à )?${live.sha.slice(0, 7)}`), result.stdout);
    assert.ok(said.split('\n').length > 1 && /[.:] /.test(said), said);
    assert.ok(!stands || /^En ligne maintenant : (pas certain ; |.*ne répond pas bien\)\n)/.test(said), said);
  }
  if (unfinished === null && !stands) {
    const { vm, url } = town.places[place];
    assert.equal(git(vm, 'rev-parse', 'HEAD'), live.sha, result.stdout);
    assert.equal((await answered(url)).trim(), saidBy(name));
  }
}

// All faults where a call changes what is live; elsewhere one of them, by turns (MANGETAMAIN_CRASH=forms: all). A watch by
// polling makes the calls of one by event.
const isChosen = ({ name, number, touching }, words, at, turn) =>
  touching.includes(words) || (name !== 'a watch by polling' && (process.env.MANGETAMAIN_CRASH === 'forms' || turn === (at + number) % 3));
const faultsOf = (row, words, at) => Object.entries(FAULTS).filter((fault, turn) => isChosen(row, words, at, turn));

eachRow('with programs that do not do their work', (row, at) => {
  test('these are its calls', async () => {
    const town = await at();
    const programs = wrapPrograms(town.world);
    await comesTo(town, row, await town.perform(row.run, null, { env: programs.env }), row.end);
    const calls = programs.calls().map(({ args }) => `${args.join(' ')} `).filter((call) => /^(git|docker) /.test(call));
    const all = Object.values(MADE[row.name]);
    assert.deepEqual(calls.filter((call) => !all.some((words) => call.includes(words))), [], 'none is missing in the table');
    assert.deepEqual(all.filter((words) => !calls.some((call) => call.includes(words))), [], 'none in the table is not made');
  });

  for (const [turn, [doing, words]] of Object.entries(MADE[row.name]).entries()) {
    for (const [fault, { script, isSeen }] of faultsOf(row, words, turn)) {
      test(`a program that ${fault} while ${doing} leaves one version live, and says which`, async () => {
        const town = await at();
        const programs = wrapPrograms(town.world, ['git', 'docker']);
        programs.rule(words, script);
        const result = await town.perform(row.run, null, { bend: { words, limit: LIMIT_MS }, env: programs.env });
        assert.ok(town.seen().some(isSeen), `${JSON.stringify(town.seen())}\n${result.stdout}`);
        await examineEnd(town, result, row);
        await comesTo(town, row, await town.perform(row.again), row.end);
      });
    }
  }

  if (row.run.mode !== 'watch') return;
  // What a person reads who runs the job again after mending, as the first run said to.
  test('what stays live since the machine refused the way back is not told to have none', async () => {
    const town = await at();
    const programs = wrapPrograms(town.world, ['git']);
    programs.rule(' reset --hard', FAULTS.dies.script);
    const refused = await town.perform(row.run, null, { bend: { words: ' reset --hard', limit: LIMIT_MS }, env: programs.env });
    assert.ok(town.seen().some(FAULTS.dies.isSeen));
    assert.match(told(refused), /relancer le job après réparation/);
    const result = await town.perform(row.run);
    const { live, validated } = JSON.parse(result.outputs.state)[row.place];
    assert.equal(town.nameOf(validated.sha), 'good');
    if (town.nameOf(live.sha) !== 'good') assert.doesNotMatch(`${told(result)}\n${result.log}`, /aucune version validée|no validated SHA/);
  });
});
