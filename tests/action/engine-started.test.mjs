// On a real engine: another clone's site in a compose project of the same name, an image that is built beside compose,
// and projects that people started in other ways than by their compose file alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { IMAGE, appFiles, freePort } from '../world/app.mjs';
import { ensureEngine } from '../world/engine.mjs';
import { git } from '../world/git.mjs';
import { ci, deploy, inWorld, validated } from './support.mjs';

const state = await ensureEngine();
const skip = state.v2 ? false : 'no engine with Compose 2 answers here';
const engine = 'real-v2';
const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const composeFileOf = (files) => files['docker-compose.yml'];
const COMPOSE = 'docker-compose.yml';
const QUICK = { 'health-grace': '4s' };

function release(world, version, files) {
  const sha = world.release({ version, files });
  ci(world, sha, 'success');
  return sha;
}

function compose(world, ...args) {
  const { status, stderr } = world.engine.compose(world.vm, ...args);
  assert.equal(status, 0, stderr);
}

/** The site of another clone, in a folder of the same name, with this service: where it is and how it answers. */
async function otherClone(world, service) {
  const [port, folder] = [await freePort(), join(world.root, 'other', basename(world.vm))];
  mkdirSync(join(world.root, 'other'));
  world.repository.clone(folder);
  writeFileSync(join(folder, COMPOSE), composeFileOf(appFiles({ version: 1, port })).replace('  web:', `  ${service}:`));
  const { status, stderr } = world.engine.compose(folder, 'up', '-d');
  assert.equal(status, 0, stderr);
  const filter = ['--filter', `label=com.docker.compose.project.working_dir=${folder}`];
  return {
    id: () => docker('ps', '--quiet', '--no-trunc', ...filter),
    down: () => docker('rm', '-f', ...docker('ps', '--all', '--quiet', ...filter).split('\n')),
  };
}

for (const kind of ['real-v2', 'real-v1']) test(`a compose file that is renamed is deployed, and gone back across by hand (${kind})`, { skip: state[kind.slice(5)] ? false : 'no such compose here' }, () => inWorld({ engine: kind, inputs: QUICK }, async (world) => {
  const first = release(world, 2, appFiles({ ...world.app, version: 2 }));
  assert.equal((await deploy(world, first)).outputs.result, 'validated');
  const { [COMPOSE]: text, ...rest } = appFiles({ ...world.app, version: 3 });
  const renamed = release(world, 3, { ...rest, [COMPOSE]: null, 'compose.yaml': text });
  const inputs = { 'compose-file': join(world.vm, 'compose.yaml') };
  const result = await deploy(world, renamed, inputs);
  assert.equal(result.outputs.result, 'validated', result.log);
  assert.match(result.log, /compose \S+ up: the containers were made of ".*docker-compose\.yml", which is gone/);
  assert.equal((await world.live()).body, 'version 3');
  const back = await world.runAction({ mode: 'rollback', inputs: { ...inputs, to: 'previous' } });
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  assert.equal((await world.live()).body, 'version 2');
  assert.equal(world.checkedOut(), first);
}));

for (const kind of ['real-v2', 'real-v1']) test(`a variable that nobody has set any more, or yet, is told: by a restart as by an \`up\` (${kind})`, { skip: state[kind.slice(5)] ? false : 'no such compose here' }, () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
  const env = join(world.vm, '.env');
  const asks = (version, ...names) => {
    const { [COMPOSE]: text, ...rest } = appFiles({ ...world.app, version });
    return { ...rest, [COMPOSE]: text.replace('  web:', `  web:\n    environment: [${names.map((name) => `"${name}=$\{${name}}"`).join(', ')}]`) };
  };
  const deployed = async (version, ...names) => {
    const { log, outputs } = await deploy(world, release(world, version, asks(version, ...names)));
    assert.equal(outputs.result, 'validated', log);
    return log;
  };
  const warned = (log) => log.split('\n').filter((line) => /^::warning.*knows no value/.test(line));
  writeFileSync(env, 'KEY=1\n');
  assert.deepEqual(warned(await deployed(2, 'KEY')), []);
  rmSync(env);
  const gone = warned(await deployed(3, 'KEY'));
  // 1.29 asks for no variable at a restart.
  assert.equal(gone.length, kind === 'real-v1' ? 0 : 1);
  if (kind === 'real-v2') assert.match(gone[0], /for KEY: containers go on with the value that they were made with; the next `up` makes them with an empty one/);
  writeFileSync(env, 'KEY=1\n');
  const added = warned(await deployed(4, 'KEY', 'NEW_KEY'));
  assert.equal(added.length, 1);
  assert.match(added[0], /for NEW_KEY: containers are made with an empty one/);
  // What stands behind a `$` is a part of a secret; 1.29 reads none into it.
  if (kind === 'real-v1') return;
  writeFileSync(env, 'KEY=Xy$Zq7kLm42\nNEW_KEY=1\n');
  const { [COMPOSE]: text, ...rest } = asks(5, 'KEY', 'NEW_KEY');
  const cut = await deploy(world, release(world, 5, { ...rest, [COMPOSE]: `${text}\n# changed\n` }));
  assert.equal(cut.outputs.result, 'validated', cut.log);
  assert.match(cut.stdout, /^::warning.*a value in `.env` or in an env file holds a `\$`/m);
  assert.doesNotMatch(cut.stdout + cut.summary, /Zq7kLm42/);
}));

test('a text that stands in the compose file is renewed where it is held, forward and back, and nothing else is', { skip }, () => inWorld({ engine, inputs: QUICK }, async (world) => {
  const holding = (version, text) => {
    const { [COMPOSE]: file, ...rest } = appFiles({ ...world.app, version });
    const service = (name) => `  ${name}:\n    image: ${IMAGE}\n    init: true\n    command: ["sleep", "600"]\n`;
    const [services, volumes = ''] = file.split(/(?=^volumes:)/m);
    return { ...rest, [COMPOSE]: `${services}\n${service('banner')}    configs: [{source: text, target: /text}]\n${service('database')}${volumes}\nconfigs:\n  text:\n    content: "${text}"\n` };
  };
  const id = (service) => docker('ps', '--quiet', '--filter', `label=com.docker.compose.service=${service}`, '--filter', `label=com.docker.compose.project.working_dir=${world.vm}`);
  const text = () => docker('exec', id('banner'), 'cat', '/text');
  for (const strategy of ['auto', 'up']) {
    const base = strategy === 'auto' ? 2 : 4;
    const one = await deploy(world, release(world, base, holding(base, `one ${strategy}`)), { 'compose-strategy': strategy });
    assert.equal(one.outputs.result, 'validated', one.log);
    const [database, banner] = [id('database'), id('banner')];
    const two = await deploy(world, release(world, base + 1, holding(base + 1, `two ${strategy}`)), { 'compose-strategy': strategy });
    assert.equal(two.outputs.result, 'validated', two.log);
    assert.match(two.log, /making banner anew: a text of the compose file/);
    assert.equal(text(), `two ${strategy}`);
    assert.notEqual(id('banner'), banner);
    assert.equal(id('database'), database);
  }
  const back = await world.runAction({ mode: 'rollback', inputs: { ...QUICK, to: 'previous' } });
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  assert.equal(text(), 'one up');
  const deployed = async (version, files) => {
    const { outputs, log } = await deploy(world, release(world, version, { 'www/index.html': `version ${version}\n`, ...files }));
    assert.equal(outputs.result, 'validated', log);
    return [log, id('banner')];
  };
  const [again, banner] = await deployed(6);
  assert.match(again, /making banner anew/);
  // What has nothing to do with it leaves it alone.
  assert.deepEqual((await deployed(7, { 'notes.txt': 'x' }))[1], banner);
}));

test('the first deploy beside another clone in a project of the same name leaves its site alone', { skip }, () => inWorld({ engine, running: false }, async (world) => {
  const other = await otherClone(world, 'prod');
  try {
    const before = other.id();
    const sha = release(world, 2, appFiles({ ...world.app, version: 2 }));
    const result = await deploy(world, sha);
    assert.equal(result.outputs.result, 'validated', result.stdout);
    assert.equal(other.id(), before);
    assert.match(result.log, /orphans are kept: \S+-prod-1 belong/);
  } finally {
    other.down();
  }
}));

test('a deploy that would make another clone\'s container anew as its own is refused, and its project\'s own name mends it', { skip }, () => inWorld({ engine, running: false }, async (world) => {
  const other = await otherClone(world, 'web');
  try {
    const before = other.id();
    const files = appFiles({ ...world.app, version: 2 });
    const refused = await deploy(world, release(world, 2, files));
    assert.equal(refused.outputs.result, 'failed', refused.stdout);
    assert.match(refused.log, /is another site's too: a deploy would make \S+-web-1 \(\S+\/other\/\S+\) anew as its own/);
    assert.deepEqual([other.id(), git(world.vm, 'rev-parse', 'HEAD')], [before, world.first]);
    const doctor = await world.runAction({ mode: 'doctor', inputs: { locale: 'en' } });
    assert.match(doctor.log, /containers .*the compose project `\S+` is another site's too/);
    const early = await world.runAction({ mode: 'doctor', inputs: { locale: 'en', 'compose-file': join(world.vm, 'typo.yml') } });
    assert.match(early.log, /typo\.yml does not exist/);
    assert.ok(!early.log.includes('is another site\'s too'), 'nothing is to be written into a file that is not there');
    const name = `own-${world.root.slice(-8)}`;
    const mended = await deploy(world, release(world, 3, { ...appFiles({ ...world.app, version: 3 }), [COMPOSE]: `name: ${name}\n${composeFileOf(files)}` }));
    assert.equal(mended.outputs.result, 'validated', mended.stdout);
    assert.equal(other.id(), before);
    world.engine.compose(world.vm, '-p', name, 'down', '-t', '0');
  } finally {
    other.down();
  }
}));

test('an image that the deploy command builds goes live', { skip }, () => inWorld({ engine, app: { baked: true } }, async (world) => {
  const tag = `mangetamain-world:started-${world.root.slice(-8)}`;
  const files = (version) => {
    const all = appFiles({ ...world.app, version });
    return { ...all, [COMPOSE]: composeFileOf(all).replace(/build: .*/, `image: ${tag}`) };
  };
  world.inputs['deploy-command'] = `docker\nbuild\n-q\n-t\n${tag}\n.`;
  try {
    for (const version of [2, 3]) {
      const result = await deploy(world, release(world, version, files(version)));
      assert.equal(result.outputs.result, 'validated', result.stdout);
      assert.equal((await world.live()).body, `version ${version}`);
      if (version === 3) assert.match(result.log, /compose \S+ up: "\S+" is another image now than the one that runs/);
    }
  } finally {
    world.engine.compose(world.vm, 'down', '-t', '0');
    docker('rmi', '-f', tag);
  }
}));

test('what a restart would not take in is made anew: a written image, a removed container, a variable, what a link leads to', { skip }, () => inWorld({ engine, app: { baked: true }, inputs: QUICK }, async (world) => {
  const way = async (version, files, inputs, more) => {
    const result = await deploy(world, release(world, version, files(version)), inputs, more);
    assert.equal(result.outputs.result, 'validated', result.stdout);
    return /compose \S+ (\w+: .*)/.exec(result.log)[1];
  };
  const built = (version) => {
    const { Dockerfile, ...files } = appFiles({ ...world.app, version });
    const below = Object.entries({ Dockerfile, '.gitignore': 'www/made.txt\n', 'www/index.html': 'x\n' }).map(([name, text]) => [`image/${name}`, text]);
    return { ...files, ...Object.fromEntries(below), [COMPOSE]: composeFileOf(files).replace('build: .', 'build: ./image') };
  };
  const writes = { 'deploy-command': 'sh\n-c\necho "made for $DEPLOY_SHA" > image/www/made.txt' };
  await way(2, built, writes);
  assert.match(await way(3, built, writes), /^up: deploy-command ran, and may have written to "\S+\/image"/);
  assert.equal((await world.live('/made.txt')).body.trim(), `made for ${world.checkedOut()}`);

  const mounted = (version) => appFiles({ ...world.app, baked: false, version, environment: { COLOUR: '${COLOUR:-}', SHADE: '${SHADE:-}' } });
  const worker = (version) => ({ ...mounted(version), [COMPOSE]: `${composeFileOf(mounted(version))}  worker:\n    image: ${IMAGE}\n    command: sleep 600\n    init: true\n    environment: ["SHADE=\${SHADE:-}"]\n` });
  await way(4, worker);
  assert.match(await way(5, worker), /^restart: nothing changed/);
  compose(world, 'rm', '-sf', 'worker');
  assert.match(await way(6, worker), /^up: service "worker" has no container/);
  assert.match(await way(7, worker, {}, { env: { COLOUR: 'red' } }), /^up: the compose file takes COLOUR from the environment/);
  const ids = () => docker('ps', '-q', '--filter', `label=com.docker.compose.project.working_dir=${world.vm}`).split('\n').sort();
  const target = join(world.root, 'shared.env');
  writeFileSync(target, 'SHADE=1\n');
  symlinkSync(target, join(world.vm, '.env'));
  assert.match(await way(8, worker), /^up: "\S+\/\.env" changed/);
  assert.match(await way(9, worker), /^restart: nothing changed/);
  writeFileSync(target, 'SHADE=2\n');
  assert.match(await way(10, worker), /^up: "\S+shared.env" changed, which containers are made with/);
  // Compose leaves containers alone to which a change means nothing: it is taken in all the same.
  writeFileSync(target, 'SHADE=2\nUNUSED=1\n');
  const made = ids();
  assert.match(await way(11, worker), /^up: "\S+shared.env" changed/);
  assert.deepEqual(ids(), made);
  assert.match(await way(12, worker), /^restart: nothing changed/);
  writeFileSync(target, 'SHADE=3\nUNUSED=1\n');
  assert.match(await way(13, worker), /^up: "\S+shared.env" changed/);
  assert.notDeepEqual(ids(), made);
}));

/** The app, and a worker in a profile that does this. */
function withWorker(world, version, work) {
  const files = appFiles({ ...world.app, version, www: { 'work.sh': `${work}\n` } });
  const worker = ['worker:', `  image: ${IMAGE}`, '  command: sh /app/work.sh', '  init: true', '  profiles: ["worker"]', '  volumes:', '    - ./www:/app:ro'];
  return { ...files, [COMPOSE]: `${composeFileOf(files)}${worker.map((line) => `  ${line}\n`).join('')}` };
}

test('a service of a profile that runs is started again, one that once ended badly is left alone', { skip }, () => inWorld({ engine }, async (world) => {
  for (const [version, work] of [[2, 'sleep 600'], [4, 'exit 1']]) {
    const first = await deploy(world, release(world, version, withWorker(world, version, work)));
    assert.equal(first.outputs.result, 'validated', first.stdout);
    compose(world, '--profile', 'worker', 'up', '-d', '--force-recreate');
    const started = () => docker('inspect', '--format', '{{.State.StartedAt}}', `${basename(world.vm)}-worker-1`);
    const before = started();
    const result = await deploy(world, release(world, version + 1, withWorker(world, version + 1, work)), QUICK);
    assert.equal(result.outputs.result, 'validated', result.stdout);
    assert.equal(started() !== before, version === 2);
    compose(world, '--profile', 'worker', 'rm', '-sf', 'worker');
  }
}));

for (const kind of ['real-v2', 'real-v1']) test(`files of variables and the project's folder are handed on to every later start (${kind})`, { skip: state[kind.slice(5)] ? false : 'no such compose here' }, () => inWorld({ engine: kind }, async (world) => {
  const files = (version, colour) => {
    const all = appFiles({ ...world.app, version, environment: { COLOUR: colour } });
    const text = composeFileOf(all).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:${APP_PORT:-19999}');
    return { ...all, [COMPOSE]: null, 'deploy/compose.yml': text };
  };
  release(world, 2, files(2, 'red'));
  world.engine.compose(world.vm, 'down', '-t', '0');
  git(world.vm, 'pull', '-q');
  writeFileSync(join(world.vm, '.env.preprod'), `APP_PORT=${world.app.port}\n`);
  const file = join(world.vm, 'deploy/compose.yml');
  compose(world, '--project-directory', world.vm, '--env-file', '.env.preprod', '-f', file, 'up', '-d');
  world.inputs['compose-file'] = file;
  const result = await deploy(world, release(world, 3, files(3, 'blue')), QUICK);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.log, /compose \S+ up: the compose file/);
  assert.deepEqual((await world.live()).body, 'version 3');
  assert.equal(await validated(world, 4), git(world.vm, 'rev-parse', 'HEAD'));
  world.engine.compose(world.vm, '-f', file, '--project-directory', world.vm, '--env-file', '.env.preprod', 'down', '-t', '0');
}));

test('a site that is started by hand from the same work tree, and whose compose file is renamed too, is left alone', { skip }, () => inWorld({ engine, running: false, inputs: QUICK }, async (world) => {
  const other = ['services:', '  by-hand:', `    image: ${IMAGE}`, '    command: sleep 600', '    init: true', ''].join('\n');
  const { [COMPOSE]: text, ...files } = appFiles({ ...world.app, version: 2 });
  release(world, 2, { ...files, [COMPOSE]: text, 'by-hand.yml': other });
  git(world.vm, 'pull', '-q');
  compose(world, 'up', '-d');
  compose(world, '-f', 'by-hand.yml', 'up', '-d');
  const runs = () => docker('ps', '-q', '--filter', `name=${basename(world.vm)}-by-hand`);
  const before = runs();
  try {
    const first = await deploy(world, world.checkedOut());
    assert.equal(first.outputs.result, 'validated', first.stdout);
    const renamed = release(world, 3, { ...files, 'index.txt': '3', [COMPOSE]: null, 'by-hand.yml': null, 'site.yml': text, 'hand.yml': other });
    const result = await deploy(world, renamed, { 'compose-file': join(world.vm, 'site.yml') });
    assert.equal(result.outputs.result, 'validated', result.stdout);
    assert.match(before, /^\w+$/);
    assert.equal(runs(), before, result.log);
    assert.equal((await world.live()).status, 200);
  } finally {
    docker('rm', '-f', before);
  }
}));

test('what a second compose file names is beside the first', { skip }, () => inWorld({ engine, running: false, inputs: QUICK }, async (world) => {
  const more = ['services:', '  web:', '    env_file: web.env', ''].join('\n');
  const files = (version, colour) => ({ ...appFiles({ ...world.app, version }), 'more/prod.yml': more, 'web.env': `COLOUR=${colour}\n` });
  release(world, 2, files(2, 'red'));
  git(world.vm, 'pull', '-q');
  compose(world, '-f', COMPOSE, '-f', 'more/prod.yml', 'up', '-d');
  for (const [version, colour, way] of [[3, 'red', /compose \S+ (up: what ran before|restart)/], [4, 'blue', /compose \S+ up: "\S+\/app-[^/]+\/web.env" changed/]]) {
    const result = await deploy(world, release(world, version, files(version, colour)));
    assert.equal(result.outputs.result, 'validated', result.stdout);
    assert.match(result.log, way);
  }
}));

test('beside another site in its project, a service that is renamed leaves no container behind, and neither does one that is undone', { skip }, () => inWorld({ engine, running: false, inputs: QUICK }, async (world) => {
  const other = await otherClone(world, 'prod');
  try {
    const before = other.id();
    const named = (version, service, more = '') => {
      const files = appFiles({ ...world.app, version });
      return { ...files, [COMPOSE]: composeFileOf(files).replace('  web:', `  ${service}:`) + more };
    };
    const names = () => docker('ps', '--all', '--format', '{{.Label "com.docker.compose.service"}}', '--filter', `label=com.docker.compose.project.config_files=${join(world.vm, COMPOSE)}`).split('\n').sort();
    const first = release(world, 2, named(2, 'web'));
    assert.equal((await deploy(world, first)).outputs.result, 'validated');
    const renamed = release(world, 3, named(3, 'site'));
    const result = await deploy(world, renamed);
    assert.equal(result.outputs.result, 'validated', result.log);
    assert.match(result.log, /removing \S+-web-1: the compose file names their service no more/);
    assert.deepEqual(names(), ['site']);
    const worker = world.release({ version: 4, files: named(4, 'site', `  worker:\n    image: ${IMAGE}\n    command: ["sleep", "600"]\n    init: true\n`) });
    ci(world, worker, 'failure');
    const undone = await deploy(world, worker);
    assert.equal(undone.outputs.result, 'rolled-back', undone.log);
    assert.deepEqual(names(), ['site']);
    assert.equal(other.id(), before);
  } finally {
    other.down();
  }
}));

test('a command that takes the containers down is followed by their start', { skip }, () => inWorld({ engine, inputs: { ...QUICK, 'deploy-command': 'docker\ncompose\ndown' } }, async (world) => {
  for (const version of [2, 3]) {
    const sha = release(world, version, appFiles({ ...world.app, version }));
    const result = await deploy(world, sha);
    assert.equal(result.outputs.result, 'validated', result.log);
    assert.equal((await world.live()).body, `version ${version}`);
  }
}));

/** A folder that a link leads to, by way of that. */
function byLink(world) {
  const link = join(world.root, 'by-link', basename(world.vm));
  mkdirSync(join(world.root, 'by-link'));
  symlinkSync(world.vm, link);
  return link;
}

test('a site that was started through a link is this site, with the compose files and services that it was started with', { skip }, () => inWorld({ engine, running: false, inputs: QUICK }, async (world) => {
  const link = byLink(world);
  const more = join(world.root, 'more.yml');
  const side = `  side: { image: ${IMAGE}, command: [sleep, "600"], init: true }`;
  writeFileSync(more, ['services:', '  web:', '    environment: { WHO: prod }', side, ''].join('\n'));
  const started = world.engine.compose(link, '-f', join(link, COMPOSE), '-f', more, 'up', '-d');
  assert.equal(started.status, 0, started.stderr);
  const id = (service) => docker('ps', '--quiet', '--filter', `label=com.docker.compose.project=${basename(world.vm)}`, '--filter', `label=com.docker.compose.service=${service}`);
  const [web, beside] = ['web', 'side'].map(id);
  const labelled = (version, text) => {
    const files = appFiles({ ...world.app, version });
    return { ...files, [COMPOSE]: `${composeFileOf(files)}${text}` };
  };
  // The second makes one of the two anew, by our name for the file.
  const versions = [[2, '', /compose \S+ restart/], [3, '    labels: { changed: "yes" }\n', /compose \S+ up: /], [4, '    labels: { changed: "yes" }\n', /compose \S+ restart/]];
  for (const [version, text, way] of versions) {
    const { log, outputs } = await deploy(world, release(world, version, labelled(version, text)));
    assert.equal(outputs.result, 'validated', log);
    assert.match(log, way);
    assert.equal((await world.live()).body, `version ${version}`);
    assert.equal(id('web') === web, version === 2, 'made anew once it has changed');
    assert.equal(id('side'), beside);
    assert.doesNotMatch(log, /which is gone|orphans are kept|no container exists|has no container/);
  }
  assert.match(docker('inspect', '--format', '{{json .Config.Env}}', id('web')), /WHO=prod/);
}));

test('a file of variables that containers were started with, and that is gone, is asked for before anything is touched', { skip }, () => inWorld({ engine, running: false, inputs: QUICK }, async (world) => {
  const variables = join(world.root, 'site.env');
  writeFileSync(variables, 'WHO=us\n');
  const { status, stderr } = world.engine.compose(world.vm, '--env-file', variables, 'up', '-d');
  assert.equal(status, 0, stderr);
  rmSync(variables);
  const before = world.checkedOut();
  const result = await deploy(world, release(world, 2, appFiles({ ...world.app, version: 2 })));
  assert.equal(result.outputs.result, 'failed', result.log);
  assert.match(result.log, /started with --env-file .*site\.env, which is gone/);
  assert.equal(world.checkedOut(), before);
}));
