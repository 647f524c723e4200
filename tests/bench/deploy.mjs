// A whole deploy against a shell script that runs the same git, compose and curl commands: two
// worlds, one for each, in turn.
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { engineState } from '../world/engine.mjs';
import { startStep } from '../world/runner/step.mjs';
import { withWorld } from '../world/scenario.mjs';
import { recorder, scriptOf } from './recorder.mjs';
import { compared, inTurn, leftOut, node, noted, times } from './table.mjs';

const FIGURE = 'a whole deploy, `watch: none`';

export async function wholeDeploy() {
  if (!engineState().v2) return leftOut(FIGURE, 'no engine with Compose v2 here');
  return withWorld({ engine: 'real-v2', witnessed: false }, (ours) => withWorld({ engine: 'real-v2', witnessed: false }, (theirs) => inBoth(ours, theirs)));
}

async function inBoth(ours, theirs) {
  let version = 1;
  // Without GitHub's page of deployments: the script has none.
  const deploy = async (inputs, env) => {
    const sha = ours.release({ version: (version += 1) });
    const result = await ours.runAction({ mode: 'deploy', sha, node, env, inputs: { watch: 'none', 'github-deployments': 'off', ...inputs } });
    await sameOnPage(ours, result.outputs.result === 'deployed', version, result.stdout + result.stderr);
    return result.ms;
  };
  const script = await scriptOfDeploy(ours, deploy);
  const file = join(theirs.root, 'deploy.sh');
  writeFileSync(file, script.text);
  const fixed = {
    ...theirs.engine.env, HOME: theirs.home, VM: theirs.vm, PROJECT: basename(theirs.vm), CONTAINER: containerOf(theirs), URL: theirs.url,
  };
  const scripted = async (hook) => {
    const from = theirs.checkedOut();
    const sha = theirs.release({ version: (version += 1) });
    const env = { ...fixed, OLD: from, NEW: sha, HOOK: hook };
    const { ms, exit, stderr } = await startStep({ node: '/bin/bash', file, cwd: theirs.root, env }).done;
    await sameOnPage(theirs, exit === 0 && theirs.checkedOut() === sha, version, stderr);
    return ms;
  };
  const same = `the same ${script.git} git and ${script.docker} docker calls and curl in bash`;
  const without = await inTurn(times(41, 5), () => deploy({ 'discord-webhook': null }), () => scripted(''));
  compared(`${FIGURE}, without Discord, against ${same}`, { ...without, target: 1.15 });
  const withMessages = await inTurn(times(41, 5), () => deploy({}), () => scripted(theirs.discord.webhookUrl));
  compared(`${FIGURE}, with Discord, against the same and two curl`, { ...withMessages, target: 1.15 });
  noted('  of which added by us, without and with Discord', ...[without, withMessages].map((one) => `${(one.ours - one.reference).toFixed(0)} ms`));
}

async function sameOnPage(world, isWell, version, text) {
  const { body } = await world.live();
  if (!isWell || body !== `version ${version}`) throw new Error(`a deploy of version ${version} left "${body}":\n${text}`);
}

// The second recorded one: the first finds out which compose there is.
async function scriptOfDeploy(world, deploy) {
  const record = recorder(world.root, world.engine.env.PATH);
  const env = { PATH: record.path };
  await deploy({ 'discord-webhook': null }, env);
  const from = world.checkedOut();
  record.forget();
  await deploy({ 'discord-webhook': null }, env);
  const calls = record.calls();
  const text = scriptOf(calls, { from, to: world.checkedOut(), vm: world.vm })
    .replaceAll(containerOf(world), '$CONTAINER').replaceAll(basename(world.vm), '$PROJECT');
  const count = (name) => calls.filter(({ line }) => line.startsWith(`${name} `)).length;
  return { text, git: count('git'), docker: count('docker') };
}

const containerOf = (world) => world.engine.compose(world.vm, 'ps', '-q').stdout.trim();
