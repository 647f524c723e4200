// git and docker at fault: a program that stands first in PATH hangs, dies or prints garbage at one call, of
// each kind that a deploy makes, and at the two that change something in a rollback and a promote. Each time: an end that says what is live now and what to do, nothing half
// done, and the next run is as if nothing had been.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { wrapPrograms } from '../../world/programs.mjs';
import { git } from '../../world/git.mjs';
import { until } from '../../world/scenario.mjs';
import { examine, sumUp } from './examine.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { makeTown, saidBy } from './town.mjs';

const FAULTS = {
  hangs: 'exec sleep 600',
  dies: 'kill -9 $$',
  'prints garbage': "printf '\\377\\376}{\\000::error::-c\\r##[error]\\n'; exit 0",
};
const LIMIT_MS = 400;

/** The calls of a deploy, each by words that no other holds; and whether it is made good by asking again, or asks for nothing that is needed. */
const CALLS = {
  'finding the repository': ' rev-parse --is-shallow-repository',
  'asking for HEAD': ' rev-parse --verify HEAD^',
  'asking for the remote': ' config --get remote.origin.url',
  'fetching': ' fetch --quiet',
  'asking for the branch': ' rev-parse --verify refs/remotes/origin/main',
  'reading the commit': ' log -1',
  'comparing commits': ' merge-base --is-ancestor',
  'looking for local changes': ' status --porcelain',
  'listing what changes': ' diff-tree -r',
  'resetting': ' reset --hard',
  'asking for LFS files': ' ls-files -z',
  'listing containers': ' ps --all',
  'looking at containers': ' inspect --type',
  'restarting containers': ' restart ',
};

const deploy = (name) => ({ mode: 'deploy', name, inputs: { watch: 'inline' } });

const answered = (url) => until(() => fetch(url, { headers: { connection: 'close' } }).then((it) => it.text(), () => null), 'the site to answer');

/**
 * It ended by itself, as it said: the wanted version is live, or the old one, and which is told. Where nothing
 * `goesBack`, as after a rollback, what it was to be may stand, and is told to be unhealthy or not known to run.
 */
async function examineEnd(town, result, { place = 'preprod', wanted = 'next', goesBack = true } = {}) {
  assert.equal(result.signal, null, 'it ended by itself');
  assert.doesNotMatch(result.log, /This is a bug in/);
  assert.deepEqual(result.commands.filter(({ name, text }) => name === 'error' && text.startsWith('-c ')), [], 'what a program prints is no command');
  const isWell = result.exit === 0;
  const { live, unfinished } = JSON.parse(result.outputs.state)[place];
  const name = town.nameOf(live.sha);
  const stands = !isWell && !goesBack && name === wanted;
  assert.equal(isWell || stands, name === wanted, result.stdout);
  if (!isWell) {
    const told = result.annotations.filter(({ level }) => level === 'error').map(({ text }) => text).join('\n');
    assert.match(told, new RegExp(`En ligne maintenant : ${live.sha}`), result.stdout);
    assert.ok(told.split('\n').length > 1 && /[.:] /.test(told), told);
    assert.ok(!stands || /(ne répond pas bien|on ne sait pas ce qui tourne)\)$/.test(told), told);
  }
  if (unfinished === null && !stands) {
    const { vm, url } = town.places[place];
    assert.equal(git(vm, 'rev-parse', 'HEAD'), live.sha, result.stdout);
    assert.equal((await answered(url)).trim(), saidBy(name));
  }
}

/** The next run, with programs that do their work, is as if nothing had been. */
async function examineNext(town) {
  const result = await town.perform({ ...deploy('next'), inputs: { watch: 'inline', force: 'true' } });
  assert.deepEqual(sumUp(town, await examine(town, result)), { live: 'next', validated: 'next', quarantined: [] }, result.stdout);
}

describe('programs that do not do their work', () => {
  let town;
  before(async () => {
    town = await makeTown();
    const first = await town.perform(deploy('good'));
    assert.equal(first.outputs.result, 'validated', first.stdout);
    town.keep();
  });
  after(() => town.world.close());

  for (const [fault, script] of Object.entries(FAULTS)) {
    for (const [doing, words] of Object.entries(CALLS)) {
      test(`a program that ${fault} while ${doing} leaves one version live, and says which`, async () => {
        await town.putBack();
        const programs = wrapPrograms(town.world, ['git', 'docker']);
        const broken = programs.rule(words, script);
        const result = await town.perform(deploy('next'), null, { bend: { words, limit: LIMIT_MS }, env: programs.env });
        await broken.begun();
        await examineEnd(town, result);
        await examineNext(town);
      });
    }
  }
});

const CHANGES = { git: ' reset --hard', docker: ' restart ' };
// What a docker that dies keeps from being healthy is quarantined: put in place again, it is forced.
const OTHERS = {
  'a rollback by hand': { wanted: 'good', goesBack: false, again: { ...deploy('good'), inputs: { watch: 'inline', force: 'true' } } },
  'a promote': { place: 'prod', wanted: 'next', again: { ...SCENARIOS['a promote'].run, inputs: { force: 'true' } } },
};

for (const [name, { again, ...ending }] of Object.entries(OTHERS)) {
  describe(`programs that do not do their work in ${name}`, () => {
    const { before: prepared, run, end, place } = SCENARIOS[name];
    let town;
    before(async () => {
      town = await makeTown();
      await prepared(town);
      town.keep();
    });
    after(() => town.world.close());

    for (const fault of ['dies', 'prints garbage']) {
      for (const [program, words] of Object.entries(CHANGES)) {
        test(`a ${program} that ${fault} leaves one version live, and says which`, async () => {
          await town.putBack();
          const programs = wrapPrograms(town.world, ['git', 'docker']);
          const broken = programs.rule(words, FAULTS[fault]);
          const result = await town.perform(run, null, { env: programs.env });
          await broken.begun();
          await examineEnd(town, result, ending);
          const next = await town.perform(again);
          assert.deepEqual(sumUp(town, await examine(town, next, { place })), end, next.stdout);
        });
      }
    }
  });
}
