// `npm run demo`: the main job for real in a throw-away world, shown as it happens. Needs git and
// Node only. Checks what it shows, and ends with 1 where that is not true.
import assert from 'node:assert/strict';
import { engineState } from './engine.mjs';
import { withWorld } from './scenario.mjs';

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const [bold, dim, green, red] = [paint(1), paint(2), paint(32), paint(31)];
const say = (text = '') => console.log(text);
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
let shown = 0;

function title(text) {
  say(`\n${bold(text)}\n${dim('─'.repeat(72))}`);
}

/** Discord messages that came since the last look, as people see them. */
function messages(world) {
  for (const { content, embeds } of world.discord.messages.slice(shown)) {
    const lines = content.split('\n').map((line) => line.replace(/\\/g, ''));
    for (const embed of embeds ?? []) lines.push('', embed.title, ...embed.description.split('\n').filter(Boolean));
    say(dim('  ┌ Discord'));
    for (const line of lines) say(`${dim('  │')} ${line}`);
  }
  shown = world.discord.messages.length;
}

async function site(world, expected) {
  const { status, body } = await world.live();
  say(`  ${bold('the site answers')}  ${status} ${JSON.stringify(body)}`);
  assert.equal(body, expected, 'the site does not show what it should');
}

const steps = (result) => result.stdout.split('\n').filter((line) => /^(fetch|reset|compose|health check): /.test(line));

async function deploy(world, { version, message, conclusion }) {
  const sha = world.release({ version, message });
  say(`${bold('git push')}  ${sha.slice(0, 7)} ${message}`);
  const run = world.github.addRun({ sha, status: 'in_progress', jobs: [] });
  say(dim('CI begins on GitHub; at the same time the runner on the VM deploys.\n'));
  const result = await world.runAction({ mode: 'deploy', sha, inputs: { watch: 'detached', 'watch-token': world.token } });
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  for (const line of steps(result)) say(`  ${line}`);
  say(`  ${bold('live')} after ${seconds(result.ms)}; the job is over and the runner is free, a watcher follows CI`);
  messages(world);
  await site(world, `version ${version}`);
  const jobs = conclusion === 'failure' ? [{ name: 'tests', conclusion, steps: [{ name: 'pytest', conclusion }], log: 'test_filter.py::test_season FAILED\nE   assert 11 == 12\n##[error]Process completed with exit code 1.\n' }] : [];
  const began = Date.now();
  world.github.setRun(run, { status: 'completed', conclusion, jobs });
  const settled = conclusion === 'success' ? /validé par le CI/ : /ROLLBACK/;
  say(`\n  GitHub: CI ends with ${conclusion === 'success' ? green('success') : red('failure')}`);
  while (!world.discord.messages.some(({ content }, at) => at >= shown && settled.test(content))) {
    assert.ok(Date.now() - began < 20_000, `the watcher did not settle it:\n${world.watcherLog()}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  messages(world);
  return { sha, live: result.ms, settled: Date.now() - began };
}

const options = { engine: engineState().v2 ? 'real-v2' : 'stand-in' };
await withWorld(options, async (world) => {
  Object.assign(world.inputs, { 'ci-interval': '500ms' });
  title('mangetamain-deploy: deploy first, test in parallel');
  say('A throw-away world: a git remote, a clone on "the VM", a web site in Compose, and stand-ins for');
  say(`GitHub and Discord. Containers: ${options.engine === 'real-v2' ? 'a real engine with Compose v2' : 'no engine answers here, so a stand-in that restarts a real process'}.`);
  await site(world, 'version 1');
  title('1. A good release');
  const good = await deploy(world, { version: 2, message: 'feat: ajouter filtre saison', conclusion: 'success' });
  await site(world, 'version 2');
  title('2. A bad release: live at once, its CI fails, rolled back');
  const bad = await deploy(world, { version: 3, message: 'fix: corriger calcul moyenne', conclusion: 'failure' });
  await site(world, 'version 2');
  title('What the machine knows (mode: status)');
  const status = await world.runAction({ mode: 'status' });
  say(status.summary.replace(/```\n?/g, '').trim());
  assert.equal(status.outputs.sha, good.sha, 'the ledger does not say what is live');
  assert.equal(status.outputs['validated-sha'], good.sha, 'the rollback point is not the validated SHA');
  assert.equal(world.checkedOut(), good.sha, 'the work tree is not at the validated SHA');
  title('In figures');
  say(`  from push to live            ${seconds(good.live)} and ${seconds(bad.live)}`);
  say(`  from CI's failure to the old version live and told   ${seconds(bad.settled)} (of which up to 0.5 s between two looks)`);
  say(green('\nAll of it was checked while it was shown.'));
});
