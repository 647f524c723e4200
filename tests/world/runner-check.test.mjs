// The workflow that notices a machine that is off: its script, as the READMEs and the example show it, run as GitHub
// runs it, with the real curl and jq, against the stand-ins for GitHub and Discord.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { startDiscord } from './discord.mjs';
import { yamlOf } from './documents.mjs';
import { exampleFiles } from './example.mjs';
import { startGitHub } from './github.mjs';
import { found } from './lint.mjs';

const FILE = '.github/workflows/runner-check.yml';
const shown = { ...Object.fromEntries(['README.md', 'README.fr.md'].map((document) => [document, yamlOf(document).find(({ file }) => file === FILE).text])), 'the example': exampleFiles()[FILE] };
const missing = ['curl', 'jq'].find((program) => !found(program));
const skip = missing ? `${missing} is not here` : false;
const HOUR = 3_600_000;

/** What the step sets, and its script. */
function stepOf(workflow) {
  const [, script] = /^ +run: \|.*\n((?: {10}.*\n)+)/m.exec(workflow);
  const env = [...workflow.matchAll(/^ {10}([A-Z]+): (.*)$/gm)].map(([, name, value]) => [name, value.replace(/^'(.*)'$/, '$1')]);
  return { script: script.replace(/^ {10}/gm, ''), env: Object.fromEntries(env) };
}

/** GitHub's side, with runs of the check: [how it ended (or stands), how many hours ago it began]. */
async function withRuns(runs, work, options = {}) {
  const github = await startGitHub({ token: 'ghs_world', private: true, validate: true, workflows: ['ci.yml', 'health-check.yml'], ...options });
  const discord = await startDiscord();
  try {
    github.addRun({ sha: 'a'.repeat(40), workflow: 'ci.yml', conclusion: 'success' });
    for (const [state, hours] of runs) {
      const ended = ['success', 'failure', 'cancelled'].includes(state);
      github.addRun({ sha: 'a'.repeat(40), workflow: 'health-check.yml', ...(ended ? { conclusion: state } : { status: state }) });
      github.runs.at(-1).attempts[0].startedAt = hoursAgo(hours);
    }
    await work({ github, discord });
    assert.deepEqual(github.violations, []);
  } finally {
    await Promise.all([github.close(), discord.close()]);
  }
}

const hoursAgo = (hours) => new Date(Date.now() - hours * HOUR).toISOString().replace(/\.\d+Z$/, 'Z');

/** Runs the step, as GitHub runs one without a `shell`; gives {exit, stdout, stderr}. */
function look({ github, discord }, workflow, more = {}) {
  const { script, env } = stepOf(workflow);
  const values = { '${{ github.token }}': 'ghs_world', '${{ secrets.DISCORD_WEBHOOK_URL }}': discord.webhookUrl };
  const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, values[value] ?? value]));
  const job = { PATH: process.env.PATH, GITHUB_API_URL: github.url, GITHUB_REPOSITORY: github.full };
  const child = spawn('bash', ['-e', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...job, ...given, ...more } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((done) => child.on('close', (exit) => done({ exit, stdout, stderr })));
}

for (const [where, workflow] of Object.entries(shown)) {
  test(`${where}: the script holds no expression, and is that of the example`, () => {
    const { script, env } = stepOf(workflow);
    assert.doesNotMatch(script, /\$\{\{/);
    assert.deepEqual(Object.keys(env), ['SILENCE', 'TEXT', 'TOKEN', 'WEBHOOK']);
    assert.equal(script, stepOf(shown['the example']).script);
  });

  test(`${where}: a check that took place lately says nothing, a failed one and one that is under way included`, { skip }, async () => {
    for (const runs of [[['success', 1]], [['success', 9], ['failure', 2.9]], [['success', 1], ['in_progress', 0], ['queued', 0]]]) {
      await withRuns(runs, async (world) => {
        const { exit, stdout, stderr } = await look(world, workflow);
        assert.deepEqual([exit, world.discord.messages.length], [0, 0], `${JSON.stringify(runs)}\n${stdout}${stderr}`);
      });
    }
  });

  test(`${where}: where none took place for three hours it tells so, and is red; runs that no runner took count for nothing`, { skip }, async () => {
    const { env } = stepOf(workflow);
    // After a day of waiting GitHub ends what no runner took.
    const runs = [['success', 30], ['failure', 26], ['failure', 24.5], ['cancelled', 24.1], ['queued', 2], ['queued', 1]];
    await withRuns(runs, async (world) => {
      const { exit, stdout } = await look(world, workflow);
      const text = `${env.TEXT} ${world.github.runs.at(3).attempts[0].startedAt}`;
      assert.deepEqual([exit, stdout], [1, `::error::${text}\n`]);
      assert.deepEqual(world.discord.messages.map(({ sent }) => sent), [{ content: text, allowed_mentions: { parse: [] } }]);
    });
    await withRuns([], async (world) => {
      assert.equal((await look(world, workflow)).exit, 1);
      assert.deepEqual(world.discord.messages.map(({ content }) => content), [`${env.TEXT} ?`]);
    });
  });
}

test('a text of whatever signs is JSON, and calls nobody', { skip }, () => withRuns([['success', 4]], async (world) => {
  const text = '@everyone "off"? \\ $(id) `id`';
  assert.equal((await look(world, shown['README.md'], { TEXT: text })).exit, 1);
  assert.deepEqual(world.discord.messages.map(({ content, rang }) => [content.startsWith(text), rang]), [[true, false]]);
}));

test('where GitHub may not be asked, or knows no such workflow, it is red and blames no machine', { skip }, async () => {
  await withRuns([['success', 1]], async (world) => {
    world.github.fault({ kind: '403-permission' });
    const { exit, stderr } = await look(world, shown['README.md']);
    assert.deepEqual([exit !== 0, world.discord.messages.length], [true, 0], stderr);
    assert.match(stderr, /403/);
  });
  await withRuns([], async (world) => {
    assert.notEqual((await look(world, shown['README.md'])).exit, 0);
    assert.deepEqual(world.discord.messages, []);
  }, { workflows: ['ci.yml'] });
});

test('where Discord does not take it, or no webhook is set, it is red all the same', { skip }, () => withRuns([['success', 4]], async (world) => {
  for (const webhook of ['', `${world.discord.url}/api/webhooks/1/none`]) {
    const { exit, stdout } = await look(world, shown['README.md'], { WEBHOOK: webhook });
    assert.notEqual(exit, 0);
    assert.match(stdout, /^::error::/);
  }
}));
