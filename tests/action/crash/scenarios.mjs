// What is killed: one row a scenario. `before` brings the world to where it begins; `run` is the command
// that is killed (or the watcher that it leaves behind: `door`), and run again at the end; `end` is what it comes to when nothing
// happens to it. Where production stands beside it, `promotes` is what may be promoted after a kill.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ciEnded } from '../../world/scenario.mjs';
import { addProduction } from './town.mjs';

export const deploy = (name, inputs) => ({ mode: 'deploy', name, inputs: { watch: 'inline', ...inputs } });
export const validated = async (town, name = 'good') => {
  const result = await town.perform(deploy(name));
  if (result.outputs.result !== 'validated') throw new Error(`${name} was not validated:\n${result.stdout}`);
};
const live = async (town, name) => {
  await validated(town);
  await town.perform(deploy(name, { watch: 'event' }));
};

const STAMPED = { 'deploy-command': 'sh\nstamp.sh', 'health-contains': '{sha}' };

/** Changes of a person in the work tree, of a tracked file and of one that the next version adds. */
function changeByHand({ world }) {
  writeFileSync(join(world.vm, 'www/version.txt'), 'mine\n');
  writeFileSync(join(world.vm, 'www/added.txt'), 'mine, too\n');
}

/** Of a deploy of `name`: everything until its containers take the new version, then SIGKILL. */
async function killedBeforeCompose(town, name) {
  const plan = { at: 1, form: 'before', among: ['run'], holding: ' restart' };
  const { signal } = await town.perform(deploy(name), plan);
  if (signal !== 'SIGKILL') throw new Error('the deploy was not killed');
}

export const promote = (name, inputs) => ({ mode: 'promote', place: 'prod', name, inputs });
async function promotable(town) {
  await validated(town);
  await validated(town, 'next');
  await addProduction(town);
}

export const SCENARIOS = {
  'a first deploy': {
    before: async () => {},
    run: deploy('good'),
    end: { live: 'good', validated: 'good', quarantined: [] },
  },
  'a deploy over local changes': {
    before: async (town) => {
      await validated(town);
      changeByHand(town);
    },
    kept: ['mine\n', 'mine, too\n'],
    run: deploy('next', { ...STAMPED, 'health-url': (url) => `${url}sha.txt` }),
    end: { live: 'next', validated: 'next', quarantined: [] },
  },
  'a deploy whose CI fails': {
    promotes: 'good',
    before: validated,
    run: deploy('bad'),
    end: { live: 'good', validated: 'good', quarantined: ['bad'] },
  },
  'a deploy that is not healthy': {
    before: validated,
    run: deploy('sick'),
    end: { live: 'good', validated: 'good', quarantined: ['sick'] },
  },
  'CI that succeeds, by event': {
    promotes: 'next',
    before: (town) => live(town, 'next'),
    run: { mode: 'watch', name: 'next', event: ciEnded },
    end: { live: 'next', validated: 'next', quarantined: [] },
  },
  'CI that fails, by event': {
    before: (town) => live(town, 'bad'),
    run: { mode: 'watch', name: 'bad', event: ciEnded },
    end: { live: 'good', validated: 'good', quarantined: ['bad'] },
  },
  'CI followed in the job': {
    before: (town) => live(town, 'next'),
    slow: 'next',
    run: { mode: 'watch', name: 'next', inputs: { watch: 'inline' } },
    end: { live: 'next', validated: 'next', quarantined: [] },
  },
  'a watcher whose CI fails': {
    before: validated,
    door: 'watcher',
    run: { ...deploy('bad'), inputs: (town) => ({ watch: 'detached', 'watch-token': town.world.token }) },
    end: { live: 'good', validated: 'good', quarantined: ['bad'] },
  },
  'a rollback by hand': {
    promotes: 'next',
    before: async (town) => {
      await validated(town);
      await validated(town, 'next');
    },
    run: { mode: 'rollback', name: 'next', inputs: (town) => ({ to: town.shas.good.slice(0, 10) }) },
    end: { live: 'good', validated: 'next', quarantined: [] },
  },
  'what finishes a killed deploy': {
    before: async (town) => {
      await validated(town);
      await killedBeforeCompose(town, 'next');
    },
    run: { mode: 'status', name: 'next' },
    end: { live: 'next', validated: 'next', quarantined: [] },
  },
  'a promote': {
    place: 'prod',
    before: promotable,
    run: promote('next'),
    end: { live: 'next', validated: 'next', quarantined: [] },
  },
  'a promote that is not healthy': {
    place: 'prod',
    before: promotable,
    run: promote('next', { 'health-contains': 'version 1' }),
    end: { live: 'first', validated: null, quarantined: ['next'] },
  },
};

const look = (mode, more) => () => ({ mode, place: 'preprod', name: 'newer', ...more });
const lookAtProduction = (mode) => look(mode, { place: 'prod', name: 'next' });
// The last job of a workflow, on a machine that has no state: it neither finishes nor changes anything.
const NOTHING = Object.fromEntries(['environment', 'app-path', 'state-dir', 'log-dir'].map((name) => [name, null]));
const report = { mode: 'report', name: 'newer', inputs: { ...NOTHING, needs: JSON.stringify({ quality: { result: 'success', outputs: {} } }) } };

/** What is run after a kill, by turns: the same push again, a newer one, CI's end, a person, looks, and a promote of what is there. */
const NEXT = {
  'the same deploy': (scenario) => deploy(scenario.run.name, scenario.run.mode === 'deploy' ? scenario.run.inputs : {}),
  'a newer deploy': () => deploy('newer'),
  watch: (scenario) => ({ mode: 'watch', name: scenario.run.name, event: ciEnded }),
  rollback: () => ({ mode: 'rollback', name: 'newer', inputs: { to: 'last-validated' } }),
  status: look('status'),
  health: look('health'),
  doctor: look('doctor'),
  report: () => report,
  promote: ({ promotes }) => promotes && promote(promotes),
};

const NEXT_IN_PRODUCTION = {
  'the same promote': (scenario) => scenario.run,
  rollback: () => ({ mode: 'rollback', place: 'prod', name: 'next', inputs: (town) => ({ to: town.shas.first }) }),
  status: lookAtProduction('status'),
  health: lookAtProduction('health'),
  doctor: lookAtProduction('doctor'),
  report: () => report,
  'a newer deploy to preprod': () => deploy('newer'),
};

/** [{name, command}] for a scenario. */
export const nextOf = (scenario) => Object.entries(scenario.place === 'prod' ? NEXT_IN_PRODUCTION : NEXT)
  .map(([name, command]) => ({ name, command: command(scenario) }))
  .filter(({ command }) => command);
