// Outside texts that mean harm, wherever one comes from (a commit, CI's names and logs, output of commands,
// answers of the site and of GitHub): none starts a command, a workflow command, a mention or markup, and
// none moves the operator's cursor.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { ci, deploy, inWorld, leadsNowhereElse, point, serves, validated } from './support.mjs';

const LONG = 'A'.repeat(64 * 1024);
/** One text for each thing that it could be taken for; `{proof}` is a file that must not come to be. */
const ATTACKS = {
  'a command in brackets': '$(touch {proof})',
  'a command in backticks': '`touch {proof}`',
  'a second command': 'x; touch {proof}; && touch {proof} | touch {proof} #',
  'quotes that end a text': `"'; touch {proof}; '"`,
  'an output': '::set-output name=result::pwned',
  'an output, further in': '   ::set-output name=result::pwned',
  'an output of the old kind': 'harmless ##[set-output name=result]pwned',
  'a mask': '::add-mask::e',
  'an end of masking': '::stop-commands::x##[stop-commands]x',
  'a line behind a carriage return': 'harmless\r::error::pwned\r##[error]pwned',
  'an annotation behind 64 KiB': `${LONG}::error::pwned##[error]pwned\r::error::pwned`,
  'colours and a cleared screen': '\u001b[31m\u001b[2J\u001b]0;title\u0007\u009b2J\u001bc',
  'a link on the terminal': '\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\',
  'letters that turn round': 'a\u202eb\u2066c\u200fd\u061ce\u2028f',
  'a call to everybody': '@everyone @here <@&123456789012345678> <@123456789012345678>',
  'markup of Discord': '**a** __b__ ~~c~~ `d` ||e|| [f](http://evil.example) <http://evil.example> # g > h',
  'the end of a code block': 'x ``` y ```` z ~~~',
  'an image that tracks': '![x](http://evil.example/track.png) <img src="http://evil.example/track.png">',
  'a table that breaks': 'a | b | c <br> <script>alert(1)</script> <!-- -->',
};

const proofOf = (world) => join(world.root, 'pwned');
const text = (world, attack) => attack.replaceAll('{proof}', proofOf(world));
const OURS = ['add-mask', 'group', 'endgroup', 'notice', 'warning', 'error'];
// eslint-disable-next-line no-control-regex
const ACTS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** What a run has printed and published holds nothing that acts. */
function printedSafely(world, result) {
  assert.ok(!existsSync(proofOf(world)), 'a command was started');
  const { commands, annotations, masks, outputs, problems } = result;
  assert.deepEqual(commands.filter(({ name }) => !OURS.includes(name)), []);
  assert.deepEqual(annotations.filter((one) => /^(pwned|e)$/.test(one.text)), []);
  assert.deepEqual(masks.filter((mask) => ![world.token, world.discord.webhookUrl].includes(mask)), []);
  assert.notEqual(outputs.result, 'pwned');
  assert.deepEqual(problems, [], 'the runner takes outputs and summary as they are');
  for (const stream of [result.stdout, result.stderr, result.summary]) assert.doesNotMatch(stream, ACTS);
  leadsNowhereElse(world, result.summary);
  assert.ok(result.stdout.split('\n').every((line) => line.length < 20_000), 'a line without end');
}

/** What is left of a message's text without what is ours to say: labels, links, code blocks, the actor, escaped letters. */
const outsideOf = (text) => text.replace(/```\n[^]*?\n```/g, '').replace(/^\*\*[\p{L}' ]+(?::\*\* |\*\*$)/gmu, '').replace(/^(Auteur|Author): @[\w-]+$|^@[\w-]+$/gm, '')
  .replace(/^URL: .*$/m, '').replace(/\\./gs, '').replace(/\[[^\]]*\]\(<[^>]*>\)|<http[^ >]*>/g, '');

/** Every message, as posted and as edited, stands as text: nobody is rung, no letter of outside text is markup. */
function toldSafely(world) {
  for (const message of world.discord.messages) {
    assert.deepEqual([message.rang, message.sent.allowed_mentions], [false, { parse: [] }]);
    for (const { rung } of message.edits) assert.deepEqual([rung.everyone, rung.users, rung.roles], [false, [], []]);
  }
  for (const { content, embeds } of world.discord.news) {
    for (const text of [content, ...embeds.flatMap(({ title = '', description = '' }) => [title, description])]) {
      assert.doesNotMatch(outsideOf(text), /[*_~`|<>[\]]|@(?!\u200b)/u, text);
      assert.doesNotMatch(text.replaceAll('\n', ''), ACTS);
    }
  }
  assert.ok(world.discord.news.length > 0);
}

const failingJob = (attack) => ({
  name: `job ${attack}`, conclusion: 'failure', steps: [{ name: `step ${attack}`, conclusion: 'failure' }], log: `first\n${attack}\n${attack}\n##[error]Process completed with exit code 1.\n`,
});

/** One world for all attacks, each a test of its own: what is validated before stays what is gone back to. */
const eachInWorld = (name, work) =>
  test(name, (t) => inWorld({}, async (world) => {
    const good = await validated(world);
    for (const [what, attack] of Object.entries(ATTACKS)) await t.test(what, () => work(world, text(world, attack), good));
  }));

eachInWorld('in a commit, in CI\'s names and in its log, it is text', async (world, hostile, good) => {
  const author = hostile.replace(/[\n\r<>]/g, ' ').slice(0, 1000);
  world.repository.git('config', 'user.name', author);
  world.repository.commit({ files: { 'www/version.txt': '3\n', 'www/index.html': 'version 3\n', 'attack.txt': `${hostile}\n` }, message: 'x' });
  world.repository.git('-c', 'core.commentChar=;', 'commit', '-q', '--amend', `--author=${author || 'x'} <m@example.org>`, '-m', hostile.replaceAll('\0', ''));
  world.repository.push();
  const bad = world.repository.revParse();
  ci(world, bad, 'failure', { jobs: [failingJob(hostile)] });
  const result = await deploy(world, bad, { label: `label ${hostile.replace(/\p{Cc}/gu, '').slice(-1000)}` });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(point(world), good);
  printedSafely(world, result);
  toldSafely(world);
  assert.match(world.discord.messages.at(-1).embeds[0].description, /job /);
  const status = await world.runCommand(['status', '--state-dir', world.stateDir]);
  assert.equal(status.exit, 0, status.stderr);
  assert.doesNotMatch(`${status.stdout}${status.stderr}`, ACTS);
});

eachInWorld('written by a deploy command that fails, it is text, on the terminal too', async (world, hostile) => {
  const bad = world.release({ version: 3, files: { 'www/version.txt': '3\n', 'www/index.html': 'version 3\n', 'out.txt': `${hostile}\n` } });
  ci(world, bad, 'success');
  const inputs = { 'deploy-command': 'sh\n-c\ntest ! -e out.txt || { cat out.txt; cat out.txt >&2; exit 7; }' };
  const result = await deploy(world, bad, inputs);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  printedSafely(world, result);
  toldSafely(world);
  const options = Object.entries({ ...world.inputs, ...inputs, sha: bad, force: 'true', watch: 'none', 'discord-webhook': null, token: null });
  const args = options.filter(([, value]) => value !== null).map(([name, value]) => (value === 'true' ? [`--${name}`] : value.split('\n').map((line) => `--${name}=${line}`))).flat();
  const terminal = await world.runCommand(['deploy', ...args]);
  assert.equal(terminal.exit, 1, terminal.stdout);
  assert.match(terminal.stderr, /exit code 7/);
  assert.doesNotMatch(`${terminal.stdout}${terminal.stderr}`, ACTS);
  assert.ok(!existsSync(proofOf(world)));
});

test('what docker, git and the site answer is text as well', () => inWorld({}, async (world) => {
  await validated(world);
  const hostile = Object.values(ATTACKS).map((attack) => text(world, attack)).join(' ');
  const bad = world.release({ version: 3, files: { 'www/version.txt': '3\n', 'www/index.html': `${hostile}\n` } });
  const site = await deploy(world, bad, { 'health-contains': 'version', 'health-grace': '300ms' });
  assert.equal(site.outputs.result, 'rolled-back', site.stdout);
  assert.match(site.log, /missing; the answer begins/);
  printedSafely(world, site);
  const programs = wrapPrograms(world, ['git', 'docker']);
  const shout = `printf '%s\\n' '${hostile.replaceAll("'", "'\\''")}' >&2; exit 9`;
  const worse = world.release({ version: 4 });
  programs.rule(' restart', shout);
  const docker = await deploy(world, worse, {}, { env: programs.env });
  assert.equal(docker.outputs.result, 'rolled-back', docker.stdout);
  assert.match(docker.log, /exit code 9/);
  printedSafely(world, docker);
  for (let again = 0; again < 2; again += 1) programs.rule(' fetch ', shout);
  const remote = await deploy(world, world.release({ version: 5 }), {}, { env: programs.env });
  assert.equal(remote.outputs.result, 'failed', remote.stdout);
  assert.match(remote.log, /exit code 9/);
  printedSafely(world, remote);
  toldSafely(world);
  await serves(world, 2);
}));

test('a complaint of megabytes on one line is told in a few hundred letters', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  const inputs = { 'deploy-command': 'sh\n-c\ngrep -q 3 www/version.txt || exit 0; head -c 9000000 /dev/zero | tr "\\0" x >&2; exit 7' };
  const result = await deploy(world, bad, inputs);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout.slice(0, 2000));
  printedSafely(world, result);
  assert.ok(result.outputs.state.length < 100_000 && result.summary.length < 50_000);
  assert.ok(world.ledger().every((entry) => JSON.stringify(entry).length < 20_000));
}));
