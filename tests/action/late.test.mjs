// What CI says when nobody waits for it any more, a `watch` of what is not live, and a work tree that a person
// has moved.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git } from '../world/git.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { ciEnded, until } from '../world/scenario.mjs';
import { ci, ciFails, deploy, facts, headlines, inWorld, nextSecond, point, serves, validated } from './support.mjs';

const LOOKS = ['health', 'status'];
const undone = async (world) => {
  await serves(world, 2);
  assert.match(headlines(world).at(-1), /ROLLBACK AUTOMATIQUE/);
};

for (const mode of LOOKS) {
  test(`CI that fails after its time was up is undone by the next ${mode}`, () => inWorld({}, async (world) => {
    await validated(world);
    const bad = world.release({ version: 3 });
    const run = world.github.addRun({ sha: bad, status: 'in_progress' });
    const late = await deploy(world, bad, { 'ci-timeout': '600ms' });
    assert.deepEqual([late.exit, late.outputs.result], [1, 'pending'], late.stdout);
    const told = headlines(world).length;
    await world.runAction({ mode });
    assert.equal(headlines(world).length, told, 'that there is still no answer is no news');
    await serves(world, 3);
    world.github.setRun(run, { status: 'completed', conclusion: 'failure' });
    const looked = await world.runAction({ mode });
    await undone(world);
    const warned = looked.annotations.map(({ text }) => text).join('\n');
    assert.match(warned, new RegExp(`CI of ${bad.slice(0, 7)} failed, and nobody had followed it: this run has gone back to \\w{7}`));
  }));

  test(`a CI run that comes after the delay, and fails, is undone by the next ${mode}`, () => inWorld({}, async (world) => {
    await validated(world);
    const bad = world.release({ version: 3 });
    const none = await deploy(world, bad);
    assert.match(none.log, /no CI run exists for it/);
    ciFails(world, bad);
    await world.runAction({ mode });
    await undone(world);
  }));
}

test('a watch asks about an older SHA, too, that had no CI run in time', () => inWorld({}, async (world) => {
  await validated(world);
  const older = world.release({ version: 3 });
  await deploy(world, older);
  const newer = world.release({ version: 4 });
  await deploy(world, newer, { watch: 'none' });
  ciFails(world, older);
  ci(world, newer, 'success');
  const result = await world.runAction({ mode: 'watch', sha: newer });
  assert.equal(result.outputs.result, 'validated', result.stdout);
  const { quarantine } = JSON.parse(result.outputs.state).preprod;
  assert.deepEqual(quarantine.map(({ sha }) => sha), [older]);
}));

test('a validated version whose CI fails when it is run again is not validated however it is deployed, until that is green', () => inWorld({}, async (world) => {
  const older = await validated(world);
  const sha = await validated(world, 3);
  const rerun = async (attempt, conclusion) => {
    ci(world, sha, conclusion, { attempt });
    return (await world.runAction({ mode: 'watch', sha })).outputs.result;
  };
  assert.equal(await rerun(2, 'failure'), 'rolled-back');
  const forced = await deploy(world, sha, { force: 'true' });
  assert.deepEqual([forced.exit, forced.outputs.result, point(world)], [0, 'deployed', older], forced.log);
  assert.match(forced.summary, /\(❌ [^)]*\)/);
  assert.equal(await rerun(3, 'success'), 'validated');
  assert.equal(point(world), sha);
  assert.match(headlines(world).at(-1), /^✅ PREPROD - SHA validé par le CI$/);
}));

test('a green CI of what was rolled back is told below the alert, with how to have it live again; its new deploy tells that itself', () => inWorld({}, async (world) => {
  await validated(world);
  const slow = world.release({ version: 3 });
  const run = world.github.addRun({ sha: slow, status: 'in_progress' });
  const inputs = { 'ci-timeout': '600ms', 'on-timeout': 'rollback' };
  assert.equal((await deploy(world, slow, inputs)).outputs.result, 'rolled-back');
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  const told = world.discord.messages.length;
  assert.equal((await world.runAction({ mode: 'watch', sha: slow })).exit, 0);
  const news = world.discord.messages.slice(told);
  assert.deepEqual(news.map(({ content }) => content), [`✅ PREPROD - ${slow.slice(0, 7)} validé, mais pas en ligne`]);
  assert.match(news[0].embeds[0].description, /➡️ Pour mettre cette version en ligne : relancer son déploiement/);
  const bad = world.release({ version: 4 });
  ciFails(world, bad);
  assert.equal((await deploy(world, bad)).outputs.result, 'rolled-back');
  ci(world, bad, 'success', { attempt: 2 });
  const before = world.discord.messages.length;
  assert.equal((await deploy(world, bad)).outputs.result, 'validated');
  assert.ok(world.discord.messages.slice(before).every(({ content }) => !content.includes('pas en ligne')));
  await serves(world, 4);
}));

test('a watch of a SHA that was never deployed here is no success', () => inWorld({}, async (world) => {
  await validated(world);
  const pushed = world.release({ version: 3 });
  for (const [sha, fault] of [[pushed, null], ['1'.repeat(40), 'reset']]) {
    if (fault) world.github.fault({ match: '/actions/', times: 99, kind: fault });
    const result = await world.runAction({ mode: 'watch', sha, inputs: { 'ci-timeout': '1s' } });
    assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
    assert.match(result.log, new RegExp(`CI gave no verdict on ${sha}: .*It was never deployed here: is this the right SHA\\?`));
  }
  await serves(world, 2);
}));

test('by event, a commit that was never deployed here is quiet and green', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const told = headlines(world).length;
  const result = await world.runAction({ mode: 'watch', event: ciEnded(world, { sha, conclusion: 'cancelled' }) });
  assert.deepEqual([result.exit, headlines(world).length], [0, told], result.stdout);
  assert.match(result.log, /no verdict of CI \(its run ended as cancelled\); it was never deployed here: nothing changes/);
}));

test('a watch of what is live no more says so', () => inWorld({}, async (world) => {
  const older = world.release({ version: 2 });
  await deploy(world, older, { watch: 'none' });
  await validated(world, 3);
  const result = await world.runAction({ mode: 'watch', sha: older });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'superseded'], result.stdout);
  assert.match(result.log, /no verdict of CI \(no CI run exists .*\); it is not live here any more: nothing changes/);
}));

test('a deploy that follows CI fails where a person went back from it and CI fails then', () => inWorld({}, async (world) => {
  const kept = await validated(world);
  const sha = world.release({ version: 3 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  const following = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline', 'ci-timeout': '60s' } });
  await until(() => world.ledger().some(({ fact }) => fact.watching?.sha === sha), 'it to be followed');
  const back = await world.runAction({ mode: 'rollback', inputs: { to: kept } });
  assert.deepEqual([back.exit, back.outputs.result], [0, 'rolled-back'], back.stdout);
  world.github.setRun(run, { status: 'completed', conclusion: 'failure' });
  const result = await following.done;
  assert.deepEqual([result.exit, result.outputs.result], [1, 'rolled-back'], result.stdout);
  assert.match(result.log, new RegExp(`CI of ${sha.slice(0, 7)} failed, and it had been rolled back to ${kept.slice(0, 7)} before`));
  const told = headlines(world).length;
  const event = await world.runAction({ mode: 'watch', event: ciEnded(world, { sha, conclusion: 'failure' }, { id: run }) });
  assert.deepEqual([event.exit, event.outputs.result, headlines(world).length], [1, 'rolled-back', told], event.stdout);
}));

test('status shows a work tree that was moved by hand, and writes nothing', () => inWorld({}, async (world) => {
  const first = await validated(world);
  const second = await validated(world, 3);
  const page = join(world.root, 'page.html');
  const still = await world.runAction({ mode: 'status' });
  assert.deepEqual(JSON.parse(still.outputs.state).preprod['work-tree'], null);
  git(world.vm, 'reset', '-q', '--hard', first);
  const before = facts(world).length;
  const told = {
    fr: [/clone +sur [0-9a-f]{7}, déplacé à la main/, /le clone, déplacé à la main, est sur /],
    en: [/work tree +[0-9a-f]{7} found in the work tree: moved by hand/, /found in the work tree, moved by hand: /],
  };
  for (const [locale, [screen, html]] of Object.entries(told)) {
    const result = await world.runAction({ mode: 'status', inputs: { locale, 'status-page': page } });
    assert.equal(result.exit, 0, result.stdout);
    const { live, 'work-tree': tree } = JSON.parse(result.outputs.state).preprod;
    assert.deepEqual([live.sha, tree], [second, first]);
    assert.match(result.summary, screen);
    assert.match(readFileSync(page, 'utf8'), html);
  }
  assert.equal(facts(world).length, before);
  assert.equal(point(world), second);
}));

test('status of a state that is still empty starts no program', () => inWorld({}, async (world) => {
  const programs = wrapPrograms(world);
  assert.equal((await world.runAction({ mode: 'status', env: programs.env })).exit, 0);
  assert.deepEqual(programs.calls(), []);
}));

test('`previous` after a move by hand is what was live until then, and that is said', () => inWorld({}, async (world) => {
  await validated(world);
  const second = await validated(world, 3);
  const third = world.release({ version: 4 });
  git(world.vm, 'fetch', '-q', 'origin', third);
  git(world.vm, 'reset', '-q', '--hard', third);
  const said = new RegExp(`\`previous\` is ${second.slice(0, 7)}: live until the work tree was moved by hand to ${third.slice(0, 7)}`);
  const plan = await world.runAction({ mode: 'rollback', inputs: { to: 'previous', 'dry-run': 'true' } });
  assert.match(plan.log, said);
  assert.match(plan.log, new RegExp(`put ${second} live again`));
  const result = await world.runAction({ mode: 'rollback', inputs: { to: 'previous' } });
  assert.deepEqual([result.exit, result.outputs.sha], [0, second], result.stdout);
  assert.match(result.log, said);
  await serves(world, 3);
}));

test('who went back with git is not brought forward again by `previous`, nor by the next CI that fails', () => inWorld({}, async (world) => {
  const first = await validated(world);
  const second = await validated(world, 3);
  git(world.vm, 'reset', '-q', '--hard', first);
  const result = await world.runAction({ mode: 'rollback', inputs: { to: 'previous' } });
  assert.deepEqual([result.exit, world.checkedOut()], [1, first], result.stdout);
  assert.match(result.log, new RegExp(`live before is ${second}, and somebody has gone back from it by hand`));
  const third = world.release({ version: 4 });
  assert.equal((await world.runAction({ mode: 'deploy', sha: third, inputs: { watch: 'none' } })).outputs.result, 'deployed');
  ciFails(world, third);
  const watch = await world.runAction({ mode: 'watch', sha: third });
  assert.deepEqual([watch.outputs.result, world.checkedOut()], ['rolled-back', first], watch.stdout);
}));

/** The newest message, without the escapes of what others wrote. */
const lastText = (world) => world.discord.news.at(-1).text.replaceAll('\\', '');
const watched = (world, sha) => world.runAction({ mode: 'watch', sha });
const IN_EMBED = { 'discord-style': 'embed' };

test('a re-run of CI that lifts a quarantine is told, with what to do; a green run that lifts nothing is no news', () => inWorld({ inputs: IN_EMBED }, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const ill = await deploy(world, sha, { watch: 'event', 'health-contains': 'never', 'health-grace': '300ms' });
  assert.equal(ill.outputs.result, 'rolled-back', ill.stdout);
  const run = ci(world, sha, 'success');
  const before = world.discord.messages.length;
  await watched(world, sha);
  assert.equal(world.discord.messages.length, before);
  // GitHub tells whole seconds, and what began before it broke here says nothing of that.
  await nextSecond();
  world.github.rerun(run, { conclusion: 'success' });
  const lifted = await watched(world, sha);
  assert.match(lifted.log, /CI succeeded when run again: this SHA is quarantined no more/);
  assert.equal(headlines(world).at(-1), `✅ PREPROD - CI relancé réussi pour ${sha.slice(0, 7)} : quarantaine levée`);
  assert.match(lastText(world), /➡️ Pour mettre cette version en ligne : relancer son déploiement/);
  assert.equal((await deploy(world, sha)).outputs.result, 'validated');
}));

test('what was the rollback point and fails when CI is run again says where the point goes back to', () => inWorld({ inputs: IN_EMBED }, async (world) => {
  const older = await validated(world);
  const sha = await validated(world, 3);
  await deploy(world, world.release({ version: 4 }), { watch: 'none' });
  ciFails(world, sha, { attempt: 2 });
  const result = await watched(world, sha);
  assert.equal(point(world), older);
  assert.match(lastText(world), new RegExp(`le point de rollback revient à ${older.slice(0, 7)}`));
  assert.match(result.log, new RegExp(`the rollback point, which goes back to ${older.slice(0, 7)}`));
}));

test('a green CI of what was forced off the branch moves no rollback point', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const lost = world.release({ version: 3 });
  await deploy(world, lost, { watch: 'event' });
  const head = world.repository.git('rev-parse', 'HEAD').trim();
  assert.equal(head, lost);
  world.repository.git('reset', '--quiet', '--hard', good);
  world.repository.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
  assert.equal((await deploy(world, world.release({ version: 4 }), { watch: 'none' })).exit, 0);
  ci(world, lost, 'success');
  const result = await watched(world, lost);
  assert.match(result.log, new RegExp(`${lost.slice(0, 7)} is on the branch no more: the rollback point stays`));
  assert.equal(point(world), good);
  // The same of what is live, whose branch somebody has fetched.
  const live = world.release({ version: 5 });
  await deploy(world, live, { watch: 'event' });
  world.repository.git('commit', '--quiet', '--amend', '--message', 'Once more');
  world.repository.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
  git(world.vm, 'fetch', '--quiet', 'origin');
  ci(world, live, 'success');
  const { summary, outputs } = await watched(world, live);
  assert.deepEqual([outputs.result, point(world)], ['deployed', good], summary);
  assert.match(summary, /\(⏳ non validé\)/);
}));

test('a deploy that was killed before it had changed anything is over, and its message says so', () => inWorld({ inputs: IN_EMBED }, async (world) => {
  await validated(world);
  const programs = wrapPrograms(world, ['git']);
  const sha = world.release({ version: 3 });
  programs.rule('ls-files -v', 'sleep 1; kill -9 $PPID; exit 137');
  await deploy(world, sha, { watch: 'none' }, { env: programs.env });
  const result = await world.runAction({ mode: 'health' });
  const told = result.annotations.map(({ text }) => text).join('\n');
  assert.match(told, new RegExp(`deploy of ${sha.slice(0, 7)} \\(asked by run [\\d.]+\\) was not finished: it had changed nothing, and is dropped`));
  assert.match(lastText(world), /^⏹️ PREPROD - Déploiement interrompu\n[^]*disparu avant d'avoir changé quoi que ce soit\n➡️ Relancer/);
  await serves(world, 2);
}));

test('a deploy that another mode has finished is followed by nobody, and `status` says so', () => inWorld({}, async (world) => {
  await validated(world);
  const programs = wrapPrograms(world, ['git']);
  const sha = world.release({ version: 3 });
  programs.rule('reset --hard', '"$REAL" "$@"; kill -9 $PPID; exit 137');
  await deploy(world, sha, { watch: 'event' }, { env: programs.env });
  assert.equal((await world.runAction({ mode: 'health' })).exit, 0);
  await serves(world, 3);
  const { stdout } = await world.runCommand(['status', '--state-dir', world.stateDir], { env: { LANG: 'C' } });
  assert.match(stdout, new RegExp(`pending +CI of ${sha.slice(0, 7)}: nobody follows it; the next run reads what it said`));
}));

test('where `health` has found it down, a green CI of what is live is under no green mark', () => inWorld({}, async (world) => {
  const sha = await validated(world);
  const looked = async () => (await watched(world, sha)).summary;
  assert.match(await looked(), /^### ✅ PREPROD - En ligne : /);
  world.engine.compose(world.vm, 'down');
  assert.equal((await world.runAction({ mode: 'health' })).exit, 1);
  assert.match(await looked(), /^### ❌ PREPROD - En ligne : `[0-9a-f]{7}` \(✅ validé, 🔴 site DOWN\)/);
}));

test('what a newer version has replaced since is not advised to be deployed again when its quarantine ends', () => inWorld({ inputs: IN_EMBED }, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event', 'health-contains': 'never', 'health-grace': '300ms' });
  const run = ci(world, sha, 'success');
  await deploy(world, world.release({ version: 4 }), { watch: 'none' });
  await watched(world, sha);
  await nextSecond();
  world.github.rerun(run, { conclusion: 'success' });
  await watched(world, sha);
  assert.match(lastText(world), /quarantaine levée\n[^]*Une version plus récente est en ligne/);
}));

test('the run that deploys again what was dropped says nothing of that, one that deploys another no advice', () => inWorld({ inputs: IN_EMBED }, async (world) => {
  await validated(world);
  const programs = wrapPrograms(world, ['git']);
  const dropped = async (version) => {
    const sha = world.release({ version });
    programs.rule('ls-files -v', 'sleep 1; kill -9 $PPID; exit 137');
    await deploy(world, sha, { watch: 'none' }, { env: programs.env });
    return { sha, told: world.discord.news.length };
  };
  const since = (told) => world.discord.news.slice(told).map(({ text }) => text.replaceAll('\\', '')).join('\n');
  const same = await dropped(3);
  await deploy(world, same.sha, { watch: 'none' });
  assert.doesNotMatch(since(same.told), /interrompu/);
  const other = await dropped(4);
  await deploy(world, world.release({ version: 5 }), { watch: 'none' });
  assert.match(since(other.told), /Déploiement interrompu\n[^]*disparu avant d'avoir changé quoi que ce soit/);
  assert.doesNotMatch(since(other.told), /➡️ Relancer/);
}));

test('a deploy that was killed, and whose work tree a person has moved since, is told as dropped', () => inWorld({ inputs: IN_EMBED }, async (world) => {
  const good = await validated(world);
  const programs = wrapPrograms(world);
  programs.rule(' restart', 'kill -9 $PPID; exit 137');
  await deploy(world, world.release({ version: 3 }), { watch: 'none' }, { env: programs.env });
  git(world.vm, 'reset', '--quiet', '--hard', good);
  await world.runAction({ mode: 'health' });
  assert.match(lastText(world), /^⏹️ PREPROD - Déploiement interrompu\n[^]*Le clone a été déplacé à la main entre-temps/);
}));

test('a green CI of what is live, and no measure any more, is told: the branch has lost it, or a newer one is validated', () => inWorld({ inputs: IN_EMBED }, async (world) => {
  const good = await validated(world);
  const lost = world.release({ version: 3 });
  await deploy(world, lost, { watch: 'event' });
  world.repository.git('commit', '--quiet', '--amend', '--message', 'Once more');
  world.repository.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
  git(world.vm, 'fetch', '--quiet', 'origin');
  ci(world, lost, 'success');
  await watched(world, lost);
  assert.match(lastText(world), new RegExp(`^✅ PREPROD - CI réussi, point de rollback inchangé\n[^]*La branche, réécrite depuis, ne contient plus ce commit[^]*\nPoint de rollback : ${good.slice(0, 7)}`));
  const older = world.release({ version: 4 });
  const newer = await validated(world, 5);
  await deploy(world, older, { watch: 'event', force: 'true' });
  ci(world, older, 'success');
  await watched(world, older);
  assert.match(lastText(world), new RegExp(`Le point de rollback reste une autre version : plus récente, [^\n]*\nPoint de rollback : ${newer.slice(0, 7)}`));
}));

test('what CI fails once more is told why it stays: a person put it there, or the way back from it did not come about', () => inWorld({ inputs: IN_EMBED }, async (world) => {
  const good = await validated(world);
  const sha = world.release({ version: 3 });
  const again = async (attempt) => {
    ciFails(world, sha, { attempt });
    return watched(world, sha);
  };
  await deploy(world, sha, { watch: 'event', 'guard-paths': 'www/**' });
  assert.match((await again(1)).summary, /❌/);
  const blocked = await again(2);
  assert.match(lastText(world), new RegExp(`^❌ PREPROD - CI en échec\n[^]*le retour à ${good.slice(0, 7)} n'a pas eu lieu`));
  assert.match(blocked.annotations.at(-1).text, /n'a pas eu lieu : elle reste en ligne\. Lever ce qui l'empêchait/);
  await deploy(world, sha, { watch: 'event', force: 'true' });
  const wanted = await again(3);
  assert.match(lastText(world), /Elle reste en ligne : une personne l'y a mise, donc pas de rollback automatique/);
  assert.match(lastText(world), new RegExp(`➡️ Pour revenir à ${good.slice(0, 7)} : mangetamain-deploy rollback`));
  assert.match(wanted.annotations.at(-1).text, new RegExp(`une personne l'a mise là : elle reste en ligne\\. Pour revenir à ${good.slice(0, 7)} : \`rollback\``));
}));
