// The example's CI, preprod and documentation under a real runner (act), on a copy of that repository: real
// git, real checks (flake8, black, pydocstyle, mypy, pytest, Sphinx), both sites in real containers. GitHub,
// Discord and three actions that only GitHub has are stand-ins. Production: example-prod.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runWorkflow } from '../world/example/act.mjs';
import { git } from '../world/git.mjs';
import { ciEnded, until } from '../world/scenario.mjs';
import { inExample, messageOf, pushed, settled, shows, skip, validated, wrong } from './example.mjs';
import { headlines } from './support.mjs';

test('the example: a push is live at once, its checks are green, and it is validated; production is not touched', { skip }, () => inExample(async (world) => {
  const before = world.checkedOut('prod');
  const { sha, ci } = await validated(world);
  assert.deepEqual(ci.jobs, { Qualité: 'success', Tests: 'success', Infrastructure: 'failure', Résumé: 'success' }, ci.text);
  for (const tool of ['flake8', 'black', 'pydocstyle', 'mypy', 'pytest']) assert.match(ci.text, new RegExp(`Success - Main ${tool}`));
  assert.ok(existsSync(join(world.root, 'artifacts/couverture/index.html')), ci.text);
  assert.equal(readFileSync(join(world.root, 'artifacts/couverture.days'), 'utf8').trim(), '30');
  assert.deepEqual(headlines(world).map((line) => line.replace(/^\S+ /, '')), ['PREPROD - Déploiement démarré', 'PREPROD - Déploiement terminé', 'PREPROD - SHA validé par le CI']);
  assert.match((await world.page('preprod', '_stcore/health')).body, /"status": "ok"/);
  await shows(world, 'preprod', sha);
  await shows(world, 'prod', before);
  assert.equal(world.checkedOut('prod'), before);
  const foreign = ciEnded(world, { sha, conclusion: 'failure', event: 'pull_request' }).payload;
  const unmoved = await runWorkflow(world, { workflow: 'cd-preprod.yml', event: 'workflow_run', sha, payload: foreign });
  assert.deepEqual(unmoved.jobs, {}, "a pull request's CI takes no time of the VM");
}));

test('the example: a push whose tests fail is live at once, and gone when its CI has failed', { skip }, () => inExample(async (world) => {
  const good = await validated(world);
  const bad = await pushed(world, 'fix: arrondir les moyennes', wrong(world));
  assert.equal(bad.ci.conclusion, 'failure', bad.ci.text);
  assert.deepEqual(bad.ci.jobs, { Qualité: 'success', Tests: 'failure', Infrastructure: 'failure', Résumé: 'failure' }, bad.ci.text);
  const reported = messageOf(world, /^❌ CI \(main\) - Échec/);
  assert.match(JSON.stringify(reported ?? bad.ci.text), /Échoué: tests\\n.*Tests › pytest .*test_moyenne/s);
  assert.doesNotMatch(JSON.stringify(reported), /Infrastructure ›/);
  const { conclusion, text } = await settled(world, bad);
  assert.equal(conclusion, 'failure', text);
  await shows(world, 'preprod', good.sha);
  assert.equal(world.point('preprod'), good.sha);
  const told = messageOf(world, /ROLLBACK AUTOMATIQUE/);
  assert.ok(told.text.includes(bad.sha.slice(0, 7)) && told.text.includes(good.sha.slice(0, 7)), told.text);
  assert.match(JSON.stringify(told.embeds), /Tests › pytest .*test_moyenne/s);
}));

test('the example: with the detached watcher of the second variant, the job ends and the commit is still validated', { skip }, () => inExample(async (world) => {
  const source = world.files['.github/workflows/cd-preprod.yml'];
  const variant = source.slice(source.indexOf('\n# on:\n') + 1).replace(/^# ?/gm, '');
  const sha = world.push('ci: suivre le CI depuis la VM', { '.github/workflows/cd-preprod.yml': `name: CD Preprod\n${variant}` });
  const deployed = await runWorkflow(world, { workflow: 'cd-preprod.yml', sha, secrets: { WATCH_TOKEN: world.token } });
  assert.equal(deployed.conclusion, 'success', deployed.text);
  assert.equal(world.point('preprod'), null, deployed.text);
  const ci = await runWorkflow(world, { workflow: 'ci.yml', sha });
  assert.equal(ci.conclusion, 'success', ci.text);
  // It asks every 10 s, and what it asks is made beside other tests.
  await until(() => world.point('preprod') === sha, 'the watcher', 60_000);
}));

test('the example: the documentation goes to gh-pages; one that is broken is told, and touches no site', { skip }, () => inExample(async (world) => {
  const page = '90_doc/source/installation.rst';
  // Something that another workflow published beside it.
  const { origin } = world.repository;
  git(origin, 'update-ref', 'refs/heads/gh-pages', git(origin, 'commit-tree', 'main:10_preprod/tests', '-m', 'beside'));
  const good = world.push('docs: installation', { [page]: `${world.files[page]}\nBon appétit.\n` });
  const published = await runWorkflow(world, { workflow: 'documentation.yml', sha: good });
  assert.equal(published.conclusion, 'success', published.text);
  const pages = git(world.repository.origin, 'ls-tree', '-r', '--name-only', 'gh-pages').split('\n');
  assert.ok(pages.includes('.nojekyll') && pages.includes('installation.html'), pages.join(' '));
  assert.ok(pages.includes('unit/test_app.py'), 'what stands beside it stays');
  assert.deepEqual(headlines(world), []);

  const bad = world.push('docs: un lien', { [page]: `${world.files[page]}\nVoir :doc:\`nulle-part\`.\n` });
  const broken = await runWorkflow(world, { workflow: 'documentation.yml', sha: bad });
  assert.equal(broken.conclusion, 'failure', broken.text);
  assert.match(broken.text, /nulle-part/);
  assert.equal(git(world.repository.origin, 'log', '-1', '--format=%s', 'gh-pages'), `deploy: ${good}`);
  assert.deepEqual(headlines(world), ['❌ Documentation (main) - Échec'], broken.text);
  assert.match(JSON.stringify(world.discord.messages[0].embeds), /documentation › sphinx.*nulle-part/s);
  for (const site of ['preprod', 'prod']) await shows(world, site, world.repository.first);
}));

test('the example: on a machine that its page has set up, doctor finds nothing in the way', { skip }, () => inExample(async (world) => {
  const env = { ...world.env, GITHUB_TOKEN: world.token, GITHUB_API_URL: world.github.url, GITHUB_REPOSITORY: world.github.full, DISCORD_WEBHOOK_URL: world.discord.webhookUrl };
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'doctor'], { cwd: world.clones.preprod, env });
  assert.match(stdout, /^environnement preprod$[^]*^environnement prod$/m);
  assert.match(stdout, /^doctor : 0 échec, /m);
  assert.deepEqual(headlines(world), []);
}));
