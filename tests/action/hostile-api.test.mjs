// Servers that mean harm: a GitHub that sends us elsewhere, never ends an answer or a list, or trickles; a
// Discord like it; addresses that are no web addresses; an event of a fork. Ours stays bounded, our
// token and the webhook's address stay where they belong, and what is live stays.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { test } from 'node:test';
import { ciEnded } from '../world/scenario.mjs';
import { ci, deploy, inWorld, point, serves, validated } from './support.mjs';

const MIB = 1024 * 1024;

/** A server that answers as `answer(request, response)` does; counts what it was asked and what it sent. */
async function serving(answer, work) {
  const seen = { requests: [], sent: 0 };
  const server = http.createServer((request, response) => {
    seen.requests.push({ target: request.url, headers: request.headers });
    answer(request, response, seen);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  seen.url = `http://127.0.0.1:${server.address().port}`;
  try {
    return await work(seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** An answer that never ends, as fast as it is read. */
function endless(start) {
  return (request, response, seen) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const part = 'x'.repeat(MIB / 4);
    response.write(start);
    const more = () => {
      if (response.destroyed || seen.sent > 10 * 1024 * MIB) return;
      seen.sent += part.length;
      if (response.write(part)) setImmediate(more);
      else response.once('drain', more);
    };
    more();
  };
}

/** The most memory that a process has held, in MiB, as long as it could be asked. */
function watchMemory(pid) {
  let most = 0;
  const timer = setInterval(() => {
    try {
      most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024 || 0);
    } catch {
      clearInterval(timer);
    }
  }, 20);
  return () => clearInterval(timer) ?? most;
}

/** A version whose CI has to be asked of this server. */
async function askedOf(world, url, inputs) {
  const sha = world.release({ version: 2 });
  const step = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline', 'ci-timeout': '1s', ...inputs }, env: { GITHUB_API_URL: url } });
  const most = watchMemory(step.child.pid);
  const result = await step.done;
  assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
  await serves(world, 2);
  assert.equal(point(world), null);
  return { result, most: most() };
}

for (const status of [301, 302, 307, 308]) {
  test(`a GitHub that sends us to another server (${status}) gets no further: our token stays at home`, () => inWorld({}, (world) =>
    serving((request, response) => response.end('{"total_count":0,"workflow_runs":[]}'), (elsewhere) =>
      serving((request, response) => response.writeHead(status, { location: `${elsewhere.url}${request.url}` }).end(), async (api) => {
        const { result } = await askedOf(world, api.url);
        assert.ok(api.requests.length > 0 && api.requests.every(({ headers }) => headers.authorization === `Bearer ${world.token}`));
        assert.deepEqual(elsewhere.requests, []);
        assert.match(result.log, status === 302 ? /status 302/ : /the repository has another address by now: `git remote set-url origin`/);
      }))));
}

test('a list whose next page is on another server ends there', () => inWorld({}, (world) =>
  serving((request, response) => response.end('{}'), (elsewhere) =>
    serving((request, response) => {
      response.writeHead(200, { link: `<${elsewhere.url}/page2>; rel="next"` }).end('{"total_count":200,"workflow_runs":[]}');
    }, async (api) => {
      await askedOf(world, api.url, { 'ci-delay': '0s' });
      assert.deepEqual(elsewhere.requests, []);
    }))));

test('a list that never ends is left after ten pages', () => inWorld({}, (world) =>
  serving((request, response, seen) => {
    response.writeHead(200, { link: `<${seen.url}/again?page=${seen.requests.length}>; rel="next"` }).end('{"total_count":999999,"workflow_runs":[]}');
  }, async (api) => {
    await askedOf(world, api.url, { 'ci-delay': '0s' });
    const pages = api.requests.filter(({ target }) => !target.includes('/deployments'));
    assert.ok(pages.length <= 13, `${pages.length} pages`);
  })));

test('an answer of 10 GiB is left at its cap, in bounded memory', () => inWorld({}, (world) =>
  serving(endless('{"total_count":1,"workflow_runs":[{"id":1,"name":"'), async (api) => {
    const { result, most } = await askedOf(world, api.url, { 'ci-interval': '400ms' });
    assert.match(result.log, /GitHub's answer is not whole/);
    assert.ok(api.sent / api.requests.length < 64 * MIB, `${api.sent / MIB} MiB in ${api.requests.length} answers`);
    assert.ok(most > 0 && most < 220, `${most} MiB`);
  })));

test('a log of 10 GiB is read for as long as it may take, in bounded memory, and the rollback stands', () => inWorld({}, (world) =>
  serving(endless('2026-01-01T00:00:00Z first\n'), async (blob) => {
    await validated(world);
    const bad = world.release({ version: 3 });
    ci(world, bad, 'failure', { jobs: [{ name: 'tests', conclusion: 'failure', steps: [{ name: 'pytest', conclusion: 'failure' }], log: 'x' }] });
    const to = new URL(blob.url);
    await serving((request, response) => {
      if (/\/logs$/.test(request.url)) return response.writeHead(302, { location: `${to.href}log` }).end();
      const { method, headers } = request;
      const api = http.request(`${world.github.url}${request.url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      return request.pipe(api.on('error', () => response.destroy()));
    }, async (api) => {
      const step = world.startAction({ mode: 'deploy', sha: bad, inputs: { watch: 'inline' }, env: { GITHUB_API_URL: api.url } });
      const most = watchMemory(step.child.pid);
      const result = await step.done;
      assert.equal(result.outputs.result, 'rolled-back', result.stdout);
      await serves(world, 2);
      assert.ok(blob.requests.length === 1 && blob.requests[0].headers.authorization === undefined, 'asked once, without our token');
      assert.ok(most() > 0 && most() < 220, `${most()} MiB`);
    });
  })));

test('an answer that trickles does not hold us longer than CI may take', () => inWorld({}, (world) =>
  serving((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  }, async (api) => {
    const { result } = await askedOf(world, api.url);
    assert.match(result.log, /GitHub was not reached \(Timeout/);
    assert.ok(api.requests.length <= 3, `${api.requests.length} requests`);
  })));

test('a webhook that is not Discord\'s is allowed, masked, and followed nowhere', () => inWorld({}, (world) =>
  serving((request, response) => response.end('{}'), (elsewhere) =>
    serving((request, response) => response.writeHead(308, { location: `${elsewhere.url}/stolen` }).end(), async (chat) => {
      const webhook = `${chat.url}/hooks/S3cretPartOfTheAddress99`;
      const sha = world.release({ version: 2 });
      ci(world, sha, 'success');
      const result = await deploy(world, sha, { 'discord-webhook': webhook });
      assert.deepEqual([result.exit, result.outputs.result], [0, 'validated'], result.stdout);
      assert.ok(chat.requests.length > 0 && chat.requests.every(({ target }) => target.startsWith('/hooks/')));
      assert.deepEqual(elsewhere.requests, []);
      assert.ok(result.masks.includes(webhook));
      const unmasked = result.stdout.split('\n').filter((line) => !line.startsWith('::add-mask::')).join('\n');
      assert.doesNotMatch(`${unmasked}${result.stderr}${JSON.stringify(result.outputs)}${result.summary}`, /S3cretPart/);
    }))));

test('a Discord whose answers never end costs neither the deploy nor memory', () => inWorld({}, (world) =>
  serving(endless('{"message":"'), async (chat) => {
    const sha = world.release({ version: 2 });
    ci(world, sha, 'success');
    const step = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline', 'discord-webhook': `${chat.url}/hooks/x` } });
    const most = watchMemory(step.child.pid);
    const result = await step.done;
    assert.deepEqual([result.exit, result.outputs.result], [0, 'validated'], result.stdout);
    assert.ok(chat.sent / chat.requests.length < 64 * MIB, `${chat.sent / MIB} MiB in ${chat.requests.length} answers`);
    assert.ok(most() > 0 && most() < 220, `${most()} MiB`);
  })));

for (const [what, webhook] of [
  ['a file', 'file:///etc/passwd?S3cretPart'],
  ['a name and a password before the host', 'https://user:S3cretPart@discord.com/api/webhooks/1/x'],
  ['a line break', 'https://discord.com/api/webhooks/1/x\nS3cretPart'],
  ['another scheme', 'gopher://discord.com/S3cretPart'],
  ['no address', 'S3cretPart'],
]) {
  test(`a webhook with ${what} is refused before anything changes, and not repeated`, () => inWorld({}, async (world) => {
    const result = await deploy(world, world.release({ version: 2 }), { 'discord-webhook': webhook });
    assert.equal(result.exit, 2, result.stdout);
    assert.match(result.log, /discord-webhook: /);
    const unmasked = result.stdout.split('\n').filter((line) => !line.startsWith('::add-mask::')).join('\n');
    assert.doesNotMatch(`${unmasked}${result.stderr}${JSON.stringify(result.outputs)}${result.summary}`, /S3cretPart/);
    await serves(world, 1);
  }));
}

test('a secret with blanks around it is masked as it is used', () => inWorld({}, async (world) => {
  const result = await world.runAction({ mode: 'status', inputs: { token: `  ${world.token} \n` } });
  assert.ok(result.masks.includes(world.token), result.masks.join());
}));

test('a deploy that the CI of a fork starts, of a SHA that is not on our main, changes nothing', () => inWorld({}, async (world) => {
  await validated(world);
  const stray = world.repository.stray({ files: { 'www/version.txt': '666\n' }, message: 'From the fork' });
  const event = ciEnded(world, { sha: stray, conclusion: 'success' }, { fork: 'mallory/app' });
  const result = await world.runAction({ mode: 'deploy', event, inputs: { watch: 'event' } });
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.log, /n'est pas sur origin\/main : rien n'a été changé/);
  assert.notEqual(point(world), stray);
  await serves(world, 2);
}));

test('the CI of a fork whose branch is called main has no word on a SHA of our main, nor brings back an older one', () => inWorld({}, async (world) => {
  const older = await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  const byFork = (mode, sha, conclusion) =>
    world.runAction({ mode, event: ciEnded(world, { sha, conclusion }, { fork: 'mallory/app' }), inputs: { watch: 'event' } });
  for (const conclusion of ['failure', 'success']) {
    assert.equal((await byFork('watch', sha, conclusion)).outputs.result, 'pending', conclusion);
    for (const one of [older, sha]) await byFork('deploy', one, conclusion);
    assert.equal(point(world), older);
    await serves(world, 3);
  }
}));
