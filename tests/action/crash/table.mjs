// What meets each fault of the machine, one row a kind of run: a scenario that begins with a version `was` live and,
// where nothing is at fault, ends with `result` and another one, `wanted`. `touching` are the calls that change what
// is live; `after` is what is run once the fault is gone, and comes to `end`.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { examine, sumUp } from './examine.mjs';
import { SCENARIOS, deploy, promote, validated } from './scenarios.mjs';
import { addProduction, makeTown } from './town.mjs';

const forced = (run) => ({ ...run, inputs: (town) => ({ ...(typeof run.inputs === 'function' ? run.inputs(town) : run.inputs), force: 'true' }) });
const RESTART = [' reset --hard', ' restart '];
const UP = [' reset --hard', ' up -d '];
const failing = SCENARIOS['CI that fails, by event'];
const promoted = SCENARIOS['a promote'];

export const ROWS = {
  'a deploy': {
    before: (town) => validated(town),
    run: deploy('next'),
    end: { live: 'next', validated: 'next', quarantined: [] },
    was: 'good', wanted: 'next', result: 'validated', touching: RESTART,
    again: forced(deploy('next')),
  },
  'a watch by event': { ...failing, was: 'bad', wanted: 'good', result: 'rolled-back', touching: UP, again: forced(deploy('good')) },
  'a watch by polling': {
    ...failing,
    run: { mode: 'watch', name: 'bad', inputs: { watch: 'inline' } },
    was: 'bad', wanted: 'good', result: 'rolled-back', touching: UP, again: forced(deploy('good')),
  },
  'a rollback by hand': { ...SCENARIOS['a rollback by hand'], was: 'next', wanted: 'good', result: 'rolled-back', touching: RESTART, again: forced(deploy('good')) },
  'a promote': {
    ...promoted,
    // Not the first one: there is a ledger already.
    before: async (town) => {
      await validated(town);
      await addProduction(town);
      const { outputs, stdout } = await town.perform(promote('good'));
      assert.equal(outputs.result, 'deployed', stdout);
      await validated(town, 'next');
    },
    was: 'good', wanted: 'next', result: 'deployed', touching: RESTART,
    again: forced(promoted.run),
    // Nothing was started with it when its run was killed at the reset: it is undone.
    untaken: { ...promoted.end, live: 'good', validated: 'good' },
  },
};

/** For each row a town that is put back before each of its tests: `tests(row, at)`, where `at()` gives it. */
export function eachRow(doing, tests, among = Object.keys(ROWS)) {
  for (const [number, [name, row]] of Object.entries(ROWS).entries()) {
    if (!among.includes(name)) continue;
    describe(`${name}, ${doing}`, () => {
      let town;
      before(async () => {
        town = await makeTown();
        await row.before(town);
        town.keep();
      });
      after(() => town?.world.close());
      tests({ place: 'preprod', ...row, name, number }, async () => {
        await town.putBack();
        return town;
      });
    });
  }
}

/** What a run came to is this, and all is whole. */
export async function comesTo(town, { place }, result, end) {
  assert.deepEqual(sumUp(town, await examine(town, result, { place })), end, result.stdout);
}

/** The errors of a run, as its page shows them. */
export const told = (result) => result.annotations.filter(({ level }) => level === 'error').map(({ text }) => text).join('\n');
