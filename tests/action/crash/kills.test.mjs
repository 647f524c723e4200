// The committed bundle, killed with SIGKILL at every command boundary in turn, N = 1, 2, 3 ... until a run
// ends unharmed; then another mode runs, then the killed command once more. After each: examine.mjs.
//
// A command that changes nothing (the clock, a look at a file, a question to git, docker or a server) has the same
// world before it and after it as its neighbours have, so the boundaries are those of commands that can change
// something; and each is taken in one of its forms by turns: before it, during it (its process goes on without us),
// torn (half written), unnamed (written, and not renamed), after it (its reply lost). MANGETAMAIN_CRASH=forms takes each
// in every form, =asking takes questions, too, by turns, and =all takes every command of the core in every form.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { until } from '../../world/scenario.mjs';
import { examine, examineFilesOf, examineLedgerOf, heldFiles, isUnfinished, messagesOf, sumUp } from './examine.mjs';
import { SCENARIOS, nextOf } from './scenarios.mjs';
import { addProduction, makeTown } from './town.mjs';

const WANTED = process.env.MANGETAMAIN_CRASH ?? 'by turns';
const AMONG = WANTED === 'all' ? null : ['run', 'http', 'append', 'replace', 'link', 'folder', 'remove', 'lock', 'unlock', 'detach'];
const ASKING = ['asking', 'all'].includes(WANTED);
const TORN = ['before', 'torn', 'after'];
// With a file that has not got its name the world is as before, that file apart.
const FORMS = { run: ['before', 'during', 'after'], append: TORN, lock: TORN, replace: ['torn', 'unnamed', 'after'], link: ['unnamed', 'after'] };
const EITHER = ['before', 'after'];
const LEAST = 300;
let points = 0;

/** What runs after the kill: the next run and, unless that was the same already, the killed command once more. */
const following = (scenario, next) => (isDeepStrictEqual(next, scenario.run) ? [next] : [next, scenario.run]);

/** What a command comes to, the watcher that it left behind included: what is seen once that has ended. */
async function settled(town, scenario, command) {
  const result = await town.perform(command);
  if (command !== scenario.run || !scenario.door) return result;
  await watched(town);
  return town.perform({ mode: 'status', name: command.name, place: command.place });
}

const watched = (town) => until(() => town.world.leftovers().length === 0, 'the watcher to end', 30_000);

// A watcher is nobody's child, and init may take its time: until it has waited for one, the next run takes it for one at work.
async function isOver(town, scenario) {
  await watched(town);
  await until(() => heldFiles(town, scenario.place).length === 0, 'init to wait for the watcher', 10_000).catch(() => {});
}

/** Whether the plan killed what it was to kill. */
async function isKilled(town, scenario, plan) {
  await town.perform(scenario.run, { ...plan, among: AMONG, asking: ASKING, door: scenario.door });
  if (scenario.door) await isOver(town, scenario);
  const names = town.counted();
  if (names.at(-1) === 'killed') return true;
  assert.ok(names.length < plan.at, 'it came to this command, and was not killed there');
  return false;
}

// What only looks leads to the same end as any other such mode.
const LOOKS = ['status', 'health', 'doctor', 'report'];

/** The state that a command left: what it said, or what is seen by whoever looks next, where it says nothing of it. */
async function stateAfter(town, scenario, command, result) {
  const place = command.place ?? 'preprod';
  if (command.mode === 'report') return null;
  const seen = command.mode === 'doctor' ? await town.perform({ ...command, mode: 'status' }) : result;
  return examine(town, seen, { ...scenario, place, kept: place === (scenario.place ?? 'preprod') ? scenario.kept : [] });
}

/** Runs these, examines what each left; gives what each environment has come to in the end. */
async function live(town, scenario, commands, examineRun = () => {}) {
  const ends = {};
  for (const command of commands) {
    const place = command.place ?? 'preprod';
    const ledger = () => examineLedgerOf(town, place).entries;
    const before = ledger();
    const result = await settled(town, scenario, command);
    examineRun(command, result, { before, after: ledger() });
    const state = await stateAfter(town, scenario, command, result);
    if (state) ends[place] = sumUp(town, state);
  }
  return ends;
}

/** What can be come to: as if the killed run had not begun, and as if it had ended, by what ran next. */
async function references(town, scenario, next) {
  const found = { ends: [], messages: {} };
  for (const first of [[], [scenario.run]]) {
    await town.putBack();
    found.ends.push(await live(town, scenario, [...first, ...following(scenario, next)]));
    for (const [key, count] of Object.entries(messagesOf(town))) found.messages[key] = Math.max(count, found.messages[key] ?? 0);
  }
  return found;
}

const UNTOUCHED = { live: 'first', validated: null, quarantined: [] };

/** One kill, the next run, and the killed command again. False when the run ended before its command came. */
async function kill(town, scenario, plan, next, reference) {
  await town.putBack();
  if (!(await isKilled(town, scenario, plan))) return false;
  examineFilesOf(town, scenario.place);
  // A promote does not finish what was left in preprod, and wants to see live there what it promotes.
  const isBusy = isUnfinished(examineLedgerOf(town).entries);
  let ends = reference.ends;
  const end = await live(town, scenario, following(scenario, next), (command, result, { before, after }) => {
    if (command === next && command.mode === 'promote' && scenario.place !== 'prod') {
      assert.ok(!isBusy || /❌ Un déploiement (est en cours|n'a pas été terminé) en PREPROD/.test(result.log), result.log);
      if (isBusy || /❌ PREPROD est en ligne avec/.test(result.log)) ends = ends.map((one) => ({ ...one, prod: UNTOUCHED }));
    } else if (command.mode === 'report') {
      assert.deepEqual([result.exit, result.outputs.result, after], [0, 'ok', before], result.stdout);
    } else if (isUnfinished(before) && !(scenario.door && command === scenario.run)) {
      assert.match(result.log, /was not finished: (going on with it first|undoing it first|it had changed nothing, and is dropped)/, 'the next run says what it finishes, or undoes');
      assert.equal(isUnfinished(after), false, 'and does so');
    }
  });
  assert.ok(ends.some((one) => isDeepStrictEqual(one, end)), `${JSON.stringify(end)} is none of ${JSON.stringify(ends)}`);
  for (const [key, count] of Object.entries(messagesOf(town))) {
    assert.ok(count <= (reference.messages[key] ?? 0) + 1, `${key} was told ${count} times`);
  }
  return true;
}

const formsOf = (name, at) => {
  const forms = FORMS[name?.split(' ')[0]] ?? EITHER;
  return ['by turns', 'asking'].includes(WANTED) ? [forms[at % forms.length]] : forms;
};

/** Kills at command 1, 2, 3 ... until a run ends unharmed; gives how often, and what was not as it must be. */
async function everyPoint(town, scenario, names) {
  const nexts = nextOf(scenario);
  let looked;
  for (const next of nexts) {
    const looks = LOOKS.includes(next.command.mode);
    next.reference = (looks && looked) || await references(town, scenario, next.command);
    if (looks) looked = next.reference;
  }
  const seen = { points: 0, broken: [] };
  for (let at = 1, alive = true; alive; at += 1) {
    for (const form of formsOf(names[at - 1], at)) {
      // Not every time the same one for a form.
      const next = nexts[(seen.points + Math.floor(seen.points / nexts.length)) % nexts.length];
      const story = `SIGKILL ${form} command ${at} (${names[at - 1] ?? '?'}), then ${next.name}`;
      alive = await kill(town, scenario, { at, form }, next.command, next.reference).catch((error) => {
        seen.broken.push(`${story}: ${error.message}`);
        return true;
      });
      seen.points += alive ? 1 : 0;
    }
  }
  return seen;
}

describe('killed at every command', { concurrency: 3 }, () => {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    test(`${name} is made whole, wherever it was killed`, async (t) => {
      const town = await makeTown();
      try {
        await scenario.before(town);
        if (scenario.promotes) await addProduction(town);
        town.keep();
        await town.putBack();
        assert.equal(await isKilled(town, scenario, { at: Infinity }), false);
        const names = town.counted();
        await town.putBack();
        const unharmed = await settled(town, scenario, scenario.run);
        assert.deepEqual(sumUp(town, await examine(town, unharmed, scenario)), scenario.end, unharmed.stdout);
        const seen = await everyPoint(town, scenario, names);
        points += seen.points;
        t.diagnostic(`${seen.points} points`);
        assert.equal(seen.broken.length, 0, `${seen.broken.length} of ${seen.points} points:\n${seen.broken.join('\n\n')}`);
      } finally {
        await town.world.close();
      }
    });
  }

  after(() => {
    console.log(`killed at ${points} points (${WANTED})`);
    assert.ok(points >= LEAST || process.execArgv.some((one) => one.startsWith('--test-name-pattern')), `at least ${LEAST} points, not ${points}`);
  });
});
