// `npm run demo`: the committed action in a throw-away world, shown as it happens: a good push and a bad
// one, then production: refused, promoted, restored. Needs git and Node only. Whatever it shows it checks;
// what is not so ends it with 1.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IMAGE } from './app.mjs';
import { openProduction, productionFiles, secondAct } from './demo/production.mjs';
import { bold, dim, green, red, rule, say, seconds, yellow } from './demo/screen.mjs';
import { startTimeline } from './demo/timeline.mjs';
import { engineState } from './engine.mjs';
import { pause } from './http.mjs';
import { makeWorld, until } from './scenario.mjs';

const LOOKS_EVERY_MS = 500;
/** How long CI takes here, and at least after a deploy; in life it takes minutes. */
const CI_MS = 1500;
const CI_AFTER_JOB_MS = 700;
const SEES_PROCESSES = existsSync('/proc/self/environ');
const BROKEN = {
  conclusion: 'failure',
  jobs: [{
    name: 'tests', conclusion: 'failure', steps: [{ name: 'pytest', conclusion: 'failure' }],
    log: 'tests/test_moyenne.py::test_moyenne FAILED\nE   assert 11 == 12\n##[error]Process completed with exit code 1.\n',
  }],
};

let checked = 0;

/** Something the demo shows or says; it ends here where that is not so. */
function holds(isSo, sentence) {
  if (!isSo) throw new Error(sentence);
  checked += 1;
}

const program = (name, args) => {
  try {
    return execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
};

function preconditions() {
  const dist = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
  if (Number(process.versions.node.split('.')[0]) < 20) throw new Error(`Node 20 or newer is needed; this is ${process.versions.node}`);
  if (!program('git', ['--version'])) throw new Error('git is needed, and was not found');
  if (!existsSync(dist)) throw new Error(`${dist} is missing: it is committed, so this checkout is not whole`);
}

const answers = (world) => until(async () => (await world.live()).status === 200, 'the page', 8000).then(() => true, () => false);

/** A world whose page answers: in real containers where that can be, else in the stand-in. */
async function anyWorld() {
  const { v2 } = engineState();
  const files = await productionFiles();
  let why = 'no engine with Compose v2 answers here';
  if (v2) {
    try {
      const world = await makeWorld({ engine: 'real-v2', files, bare: true });
      if (await answers(world)) return { world, containers: `real ones, by Docker Compose ${v2}` };
      await world.close();
      why = 'the containers of the engine here cannot be reached';
    } catch (error) {
      why = `the engine here cannot run the app (${error.message.split('\n')[0].slice(0, 100)})`;
    }
  }
  const world = await makeWorld({ engine: 'stand-in', files, bare: true });
  await answers(world);
  return { world, containers: `a STAND-IN for docker compose (${why});\n${' '.repeat(23)}it runs the site as a real process` };
}

async function act(world, timeline, { version, message, ends }) {
  const before = timeline.page();
  const sent = world.discord.news.length;
  const sha = world.release({ version, message });
  timeline.begin();
  const pushed = Date.now();
  timeline.event('push', `${bold(`${sha.slice(0, 7)} ${message}`)}  (main, "version ${version}")`);
  const run = world.github.addRun({ sha, status: 'in_progress', jobs: [] });
  timeline.event('GitHub', 'CI starts; the runner on the VM starts the deploy job AT THE SAME TIME');
  const job = await world.runAction({ mode: 'deploy', sha, limit: 30_000, inputs: { watch: 'detached', 'watch-token': world.token } });
  holds(job.exit === 0 && job.outputs.result === 'deployed', `the deploy job should end well, and ended with ${job.exit}:\n${job.stdout}${job.stderr}`);
  world.endJob();
  const live = await until(() => timeline.firstSeen(`version ${version}`, pushed), `version ${version} on the page`);
  // Now and then the watcher has a program of its own at work.
  const isAlone = () => !SEES_PROCESSES || world.leftovers().length === 1;
  holds(await until(isAlone, 'the end of all others', 3_000).catch(() => false), 'one watcher, and nothing else, should outlive the job');
  timeline.event('runner', `job over after ${seconds(job.ms)}, its processes killed, its folder wiped; the watcher lives on`);
  await pause(Math.max(pushed + CI_MS - Date.now(), CI_AFTER_JOB_MS));
  world.github.setRun(run, ends);
  const ended = Date.now();
  const [word, wanted] = ends.conclusion === 'success' ? [green('SUCCESS'), /validé par le CI/] : [red('FAILURE'), /ROLLBACK AUTOMATIQUE/];
  timeline.event('GitHub', `CI ends: ${word}`);
  const settled = await until(() => world.discord.news.slice(sent).find(({ text }) => wanted.test(text)), `the message about CI (${wanted})`, 20_000)
    .catch((error) => { throw new Error(`${error.message}. The watcher's log:\n${world.watcherLog()}`); });
  if (SEES_PROCESSES) await until(() => world.leftovers().length === 0, 'the end of the watcher');
  const back = ends.conclusion === 'success' ? null : await until(() => timeline.firstSeen(before, live), `${before} on the page again`);
  return { sha, pushed, live, ended, back, settled, job };
}

function checkGood(world, good, page) {
  const point = readFileSync(join(world.stateDir, 'preprod/last-validated-sha.txt'), 'utf8').trim();
  holds(page === 'version 2', `the page should say "version 2", and says "${page}"`);
  holds(point === good.sha, 'the rollback point should be the SHA that CI validated');
  holds(world.ledger().some(({ fact }) => fact.ci?.sha === good.sha && fact.ci.verdict === 'success'), 'the ledger should say that CI succeeded');
}

async function checkBad(world, { good, bad }, page) {
  const { live, validated, quarantine } = JSON.parse(world.status.outputs.state).preprod;
  const rolledBack = world.ledger().filter(({ fact }) => fact.ended?.outcome === 'rolled-back').length;
  holds(page === 'version 2' && (await world.live()).body === 'version 2', `the page should say "version 2" again, and says "${page}"`);
  holds(world.checkedOut() === good.sha, 'the work tree should stand at the validated SHA');
  holds(live.sha === good.sha && validated.sha === good.sha, 'the ledger should say that the validated SHA is live');
  holds(quarantine.some(({ sha }) => sha === bad.sha), 'the bad SHA should be in quarantine');
  holds(rolledBack === 1, `the ledger should tell of one rollback, and tells of ${rolledBack}`);
  holds(/assert 11 == 12/.test(JSON.stringify(bad.settled.embeds)), 'the rollback message should give the reason: the failing test');
  holds(bad.settled.text.includes(good.sha.slice(0, 7)) && bad.settled.text.includes(bad.sha.slice(0, 7)), 'the rollback message should name both SHAs');
}

function rollbackMs(world) {
  const entries = world.ledger();
  const asked = entries.find(({ fact }) => fact.asked?.ask.rollback).at;
  return entries.find(({ at, fact }) => at >= asked && fact.ended).at - asked;
}

function summary(world, { good, bad }) {
  const rollback = rollbackMs(world);
  const row = (text, value) => say(`  ${text.padEnd(56)}${bold(value)}`);
  rule('In short');
  say(`  A push is live at once, tests or no tests. When its CI is green it becomes the rollback
  point. When its CI is red the last green version is live again, by itself, and everybody
  is told which test it was. The runner does not wait for CI: a small watcher does.\n`);
  row('from push to live', `${seconds(good.live - good.pushed)} (good), ${seconds(bad.live - bad.pushed)} (bad)`);
  row('the bad version was live for', `${seconds(bad.back - bad.live)} ${dim(`(CI took ${seconds(bad.ended - bad.pushed)})`)}`);
  row('from red CI to the good version answering', seconds(bad.back - bad.ended));
  row(`  of which until the watcher's next look (${LOOKS_EVERY_MS / 1000} s apart)`, seconds(Math.max(0, bad.back - bad.ended - rollback)));
  row('  of which the rollback itself, health check included', seconds(rollback));
  row('the runner was busy for', `${seconds(good.job.ms)} and ${seconds(bad.job.ms)}`);
  row('messages in Discord, entries in the ledger', `${world.discord.messages.length}, ${world.ledger().length}`);
  say(dim(`\n  Here CI takes at least ${CI_MS / 1000} s and the watcher looks every ${LOOKS_EVERY_MS / 1000} s; in life minutes, and 10 s unless set otherwise.`));
}

async function story(world, containers, began) {
  Object.assign(world.inputs, { 'ci-interval': `${LOOKS_EVERY_MS}ms` });
  rule('mangetamain-deploy: deploy first, test in parallel');
  say(`  ${bold('What runs for real')}   the committed action (dist/), git, the web site and its health check
  ${bold('Containers')}           ${containers}
  ${bold('Played')}               GitHub (its API), Discord, the runner's beginning and end of a job
  ${bold('Where')}                ${world.root}, removed at the end
  ${bold('Times')}                seconds since the push; "ledger" and "step" lines are the facts that stand
                       in ledger.jsonl, "site" is what curl would get\n`);
  const page = (await world.live()).body;
  holds(page === 'version 1', `the site should begin with "version 1", and says "${page}"`);
  const timeline = startTimeline(world);
  await until(() => timeline.page(), 'the page');
  rule('1. A good push: live at once, validated when CI is green');
  const good = await act(world, timeline, { version: 2, message: 'feat: ajouter filtre saison', ends: { conclusion: 'success' } });
  checkGood(world, good, timeline.page());
  await pause(60);
  rule(`2. A bad push: live at once as well, ${yellow('until CI is red')}`);
  const bad = await act(world, timeline, { version: 3, message: 'fix: corriger calcul moyenne', ends: BROKEN });
  await timeline.end();
  world.status = await world.runAction({ mode: 'status' });
  await checkBad(world, { good, bad }, timeline.page());
  rule('What the machine knows now (mode: status)');
  say(world.status.summary.replace(/```\n?/g, '').trim().replaceAll(`${world.root}/`, '').replace(/^/gm, '  '));
  summary(world, { good, bad });
  const production = await openProduction(world);
  try {
    await secondAct(world, production, { good, bad, holds });
  } finally {
    production.close();
  }
  say(`\n  ${green(`${checked} statements checked while they were shown; ${seconds(Date.now() - began)} in all.`)} Next: README.md`);
}

async function demo() {
  const began = Date.now();
  preconditions();
  const hadImage = program('docker', ['image', 'inspect', '-f', '{{.Id}}', IMAGE]) !== null;
  const { world, containers } = await anyWorld();
  try {
    await story(world, containers, began);
  } finally {
    await world.close();
    if (!hadImage) program('docker', ['rmi', IMAGE]);
  }
  if (existsSync(world.root)) throw new Error(`${world.root} should be gone by now`);
}

// A reader that went away (`| head`): the world is taken down, nobody is told.
process.stdout.on('error', () => process.exit(1));
demo().then(() => process.exit(0), (error) => {
  say(red(`\nThe demo stops here, this is not as it should be: ${error.message}`));
  process.exit(1);
});
