// The shim against the real world: processes, locks, files, sockets and signals; nothing is pretended
// but the core, which core.cjs stands in for where a whole door is started.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bundle, root } from '../../js/build.mjs';

const { createHost } = createRequire(import.meta.url)('../../js/host.js');
const host = createHost(
  () => {},
  () => {},
);
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'host-'));
const dist = path.join(temporary, 'dist');
const at = (name) => path.join(temporary, name);

/** A reply as the core reads it, back in the shim's own words: its name beside what it holds. */
function named(reply) {
  if (typeof reply === 'string') return { is: reply };
  const [[is, held]] = Object.entries(reply);
  return { is, ...held };
}

const perform = async (command) => named(await host.perform(command));
const RUN = { do: 'run', args: [], env: {}, drop: [], limit_ms: 20000, cap: 1000 };
const sh = (script, more) => perform({ ...RUN, program: 'sh', args: ['-c', script], ...more });

before(() => bundle(dist, path.join(root, 'tests/action/core.cjs')));
after(() => fs.rmSync(temporary, { recursive: true, force: true }));

/** Asks again until the answer is a true one: for what the system does in its own time. */
async function until(ask) {
  for (const end = Date.now() + 20000; Date.now() < end; ) {
    const seen = await ask();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never true: ${ask}`);
}

const text = (name) => (fs.existsSync(at(name)) ? fs.readFileSync(at(name), 'utf8') : '');

function alive(pid) {
  try {
    // A zombie has ended.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const lines = (...commands) => commands.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');

function door(file, { commands = [], env = {}, flags = [] }) {
  const script = lines(...commands);
  const args = file === 'cli.js' ? script.split('\n') : [];
  const inputs = file === 'main.js' ? { INPUT_SCRIPT: script } : {};
  const child = spawn(process.execPath, [...flags, path.join(dist, file), ...args], {
    env: { ...process.env, GITHUB_OUTPUT: '', GITHUB_STEP_SUMMARY: '', ...inputs, ...env },
  });
  const seen = { child, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (seen.stdout += chunk));
  child.stderr.on('data', (chunk) => (seen.stderr += chunk));
  seen.ended = once(child, 'close').then(([code]) => Object.assign(seen, { code }));
  return seen;
}

describe('a process', () => {
  test('is run without a shell, in its folder, with its environment', async () => {
    process.env.LEAK_ONE = 'x';
    const script = 'printf "%s|%s|%s|%s" "$PWD" "$A" "$LEAK_ONE" "$1"; exit 3';
    const more = { folder: fs.realpathSync(temporary), env: { A: 'a' }, drop: ['LEAK_*'] };
    const ran = await perform({ ...RUN, program: 'sh', args: ['-c', script, 'sh', '$(x)'], ...more });
    assert.deepEqual([ran.is, ran.exit, ran.signal, ran.timed_out], ['ran', 3, null, false]);
    assert.equal(ran.stdout, `${fs.realpathSync(temporary)}|a||$(x)`);
  });

  test('that does not exist is told apart from a folder that does not, and from one we may not start', async () => {
    assert.deepEqual(await perform({ ...RUN, program: 'no-such-program' }), { is: 'missing' });
    const folder = await sh('true', { folder: at('nowhere') });
    assert.deepEqual([folder.is, folder.code], ['refused', 'ENOENT']);
    assert.match(folder.text, /nowhere/);
    fs.writeFileSync(at('plain'), 'x', { mode: 0o600 });
    assert.equal((await perform({ ...RUN, program: at('plain') })).code, 'EACCES');
  });

  test('keeps only the last bytes of what it says, in whole characters', async () => {
    const ran = await sh("head -c 3000000 /dev/zero | tr '\\0' a; printf 'fin: ééé'; printf err >&2", { cap: 5 });
    assert.deepEqual([ran.stdout, ran.stderr], ['éé', 'err']);
  });

  test('is ended with its whole group at its limit', async () => {
    const ran = await sh(`sleep 1000 & echo $! > ${at('grandchild')}; wait`, { limit_ms: 300 });
    assert.deepEqual([ran.is, ran.exit, ran.signal, ran.timed_out], ['ran', null, 'SIGTERM', true]);
    await until(() => !alive(Number(text('grandchild'))));
  });

  test('that ignores SIGTERM gets SIGKILL', async () => {
    const ran = await sh("trap '' TERM; while :; do sleep 0.1; done", { limit_ms: 200 });
    assert.deepEqual([ran.signal, ran.timed_out], ['SIGKILL', true]);
    assert.ok(ran.ms >= 5000);
  });

  test('has ended although a grandchild still holds its output', async () => {
    const ran = await sh(`sleep 1000 & echo $! > ${at('holder')}; echo said`);
    assert.deepEqual([ran.exit, ran.stdout], [0, 'said\n']);
    assert.ok(ran.ms < 5000);
    process.kill(Number(text('holder')), 'SIGKILL');
  });
});

describe('a lock', () => {
  const LOCK = { do: 'lock', holder: 'me\n', wait_ms: 0 };

  test('is ours until given back, and tells others who we are', async () => {
    const file = at('lock-1');
    assert.deepEqual(await perform({ do: 'peek', path: file }), { is: 'missing' });
    assert.deepEqual(await perform({ ...LOCK, path: file }), { is: 'locked' });
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(await perform({ ...LOCK, path: file, holder: 'other' }), { is: 'held', holder: 'me\n' });
    assert.deepEqual(await perform({ do: 'peek', path: file }), { is: 'held', holder: 'me\n' });
    assert.deepEqual(await perform({ do: 'unlock', path: file }), { is: 'done' });
    assert.deepEqual(await perform({ do: 'peek', path: file }), { is: 'missing' });
    assert.equal(fs.readFileSync(file, 'utf8'), '');
  });

  test('is waited for', async () => {
    const file = at('lock-2');
    await perform({ ...LOCK, path: file });
    const wanted = perform({ ...LOCK, path: file, holder: 'next', wait_ms: 20000 });
    await until(async () => (await perform({ do: 'processes', file, folder: temporary })).processes.length > 0);
    await perform({ do: 'unlock', path: file });
    assert.deepEqual(await wanted, { is: 'locked' });
    await perform({ do: 'unlock', path: file });
  });

  test('is not taken through a symbolic link, nor on a file that was taken away meanwhile', async () => {
    fs.symlinkSync(at('elsewhere'), at('lock-3'));
    assert.equal((await perform({ ...LOCK, path: at('lock-3') })).code, 'ELOOP');
    assert.equal(fs.existsSync(at('elsewhere')), false);
    const file = at('lock-4');
    await perform({ ...LOCK, path: file });
    const wanted = perform({ ...LOCK, path: file, holder: 'next', wait_ms: 20000 });
    await until(async () => (await perform({ do: 'processes', file, folder: temporary })).processes.length > 0);
    fs.rmSync(file);
    await perform({ do: 'unlock', path: file });
    assert.deepEqual(await wanted, { is: 'locked' });
    assert.equal(fs.readFileSync(file, 'utf8'), 'next');
    await perform({ do: 'unlock', path: file });
  });

  test('is freed by the kernel when its holder is killed', async () => {
    const file = at('lock-5');
    const holder = door('main.js', { commands: [{ ...LOCK, path: file }, { do: 'sleep', ms: 1e6 }] });
    await until(() => text('lock-5') === 'me\n');
    assert.equal((await perform({ ...LOCK, path: file })).is, 'held');
    holder.child.kill('SIGKILL');
    await holder.ended;
    assert.deepEqual(await perform({ ...LOCK, path: file }), { is: 'locked' });
    await perform({ do: 'unlock', path: file });
  });

  test('stays taken after its holder was killed, while a process under it runs', async () => {
    const file = at('lock-6');
    const child = { ...RUN, program: 'sh', args: ['-c', `echo $$ > ${at('under')}; exec sleep 1000`], under_lock: file };
    const holder = door('main.js', { commands: [{ ...LOCK, path: file }, child] });
    const pid = Number(await until(() => text('under')));
    holder.child.kill('SIGKILL');
    await holder.ended;
    assert.equal((await perform({ ...LOCK, path: file })).is, 'held');
    assert.deepEqual((await perform({ do: 'processes', file, folder: at('x') })).processes.map(([id]) => id), [pid]);
    process.kill(pid, 'SIGKILL');
    assert.deepEqual(await perform({ ...LOCK, path: file, wait_ms: 20000 }), { is: 'locked' });
    await perform({ do: 'unlock', path: file });
  });

  test('of nobody lets no process run under it', async () => {
    assert.equal((await sh('true', { under_lock: at('never') })).code, 'ENOLCK');
  });

  test('is taken by a program that sees nothing of our environment but PATH', async () => {
    const [kept, folder, seen] = [process.env.PATH, at('bin'), at('flock-env')];
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'flock'), `#!/bin/sh\nenv > '${seen}'\nPATH='${kept}' exec flock "$@"\n`, { mode: 0o755 });
    Object.assign(process.env, { PATH: `${folder}:${kept}`, INPUT_TOKEN: 'ghs_secret' });
    try {
      assert.deepEqual(await perform({ ...LOCK, path: at('lock-9') }), { is: 'locked' });
      assert.match(text('flock-env'), /^PATH=/m);
      assert.doesNotMatch(text('flock-env'), /ghs_secret/);
    } finally {
      process.env.PATH = kept;
      delete process.env.INPUT_TOKEN;
      await perform({ do: 'unlock', path: at('lock-9') });
    }
  });

  test('without util-linux is refused by name', async () => {
    const kept = process.env.PATH;
    process.env.PATH = at('empty');
    const reply = await perform({ ...LOCK, path: at('lock-7') }).finally(() => (process.env.PATH = kept));
    assert.deepEqual([reply.is, reply.code], ['refused', 'ENOENT']);
    assert.match(reply.text, /util-linux/);
  });
});

describe('a file', () => {
  test('is read from either end, and a missing one is missing', async () => {
    fs.writeFileSync(at('long'), '0123456789');
    const read = (keep, name = 'long') => perform({ do: 'read', path: at(name), cap: 4, keep });
    assert.deepEqual(await read('head'), { is: 'text', text: '0123', size: 10 });
    assert.deepEqual(await read('tail'), { is: 'text', text: '6789', size: 10 });
    assert.deepEqual(await read('head', 'none'), { is: 'missing' });
    assert.deepEqual([(await read('head', '.')).is, (await read('head', '.')).code], ['refused', 'EISDIR']);
  });

  test('is appended to and replaced, private, and never through a symbolic link', async () => {
    await perform({ do: 'append', path: at('log'), text: 'a\n' });
    await perform({ do: 'append', path: at('log'), text: 'é\n' });
    assert.equal(text('log'), 'a\né\n');
    fs.symlinkSync(at('log'), at('link'));
    assert.equal((await perform({ do: 'append', path: at('link'), text: 'x' })).code, 'ELOOP');
    assert.deepEqual(await perform({ do: 'replace', path: at('link'), text: 'new' }), { is: 'done' });
    assert.deepEqual([text('log'), text('link'), fs.lstatSync(at('link')).isFile()], ['a\né\n', 'new', true]);
    for (const name of ['log', 'link']) assert.equal(fs.statSync(at(name)).mode & 0o777, 0o600);
    assert.equal((await perform({ do: 'replace', path: at('no/where'), text: '' })).code, 'ENOENT');
  });

  test('that is a named pipe or somebody\'s folder is not written to, and does not hold us up', async () => {
    spawnSync('mkfifo', [at('pipe')]);
    const append = (name) => perform({ do: 'append', path: at(name), text: 'x' });
    assert.equal((await append('pipe')).code, 'ENXIO');
    const reader = fs.openSync(at('pipe'), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    assert.match((await append('pipe')).text, /pipe is not a file/);
    assert.equal(fs.readSync(reader, Buffer.alloc(9)), 0);
    fs.closeSync(reader);
    assert.equal((await append('.')).code, 'EISDIR');
  });

  test('folders, links, names and looks', async () => {
    assert.deepEqual(await perform({ do: 'folder', path: at('f/g/h') }), { is: 'done' });
    assert.deepEqual(await perform({ do: 'folder', path: at('f/g/h') }), { is: 'done' });
    assert.equal(fs.statSync(at('f/g')).mode & 0o777, 0o700);
    await perform({ do: 'link', path: at('f/latest'), target: 'one' });
    await perform({ do: 'link', path: at('f/latest'), target: 'two' });
    assert.equal(fs.readlinkSync(at('f/latest')), 'two');
    assert.deepEqual(await perform({ do: 'list', path: at('f') }), { is: 'names', names: ['g', 'latest'] });
    assert.deepEqual(await perform({ do: 'list', path: at('none') }), { is: 'missing' });
    const { stats } = await perform({ do: 'stat', paths: [at('f/g'), at('f/latest'), at('f/none'), at('long')] });
    assert.deepEqual(stats.map((one) => one?.kind ?? null), ['folder', 'link', null, 'file']);
    assert.deepEqual([stats[3].size, Number.isInteger(stats[3].modified_ms)], [10, true]);
    assert.deepEqual(await perform({ do: 'remove', path: at('f/latest') }), { is: 'done' });
    assert.deepEqual(await perform({ do: 'remove', path: at('f/latest') }), { is: 'missing' });
  });
});

describe('an HTTP exchange', () => {
  const HTTP = { do: 'http', method: 'GET', headers: [], body: null, limit_ms: 20000, cap: 1000, keep: 'head' };
  const get = (url, more) => perform({ ...HTTP, url, ...more });
  const asked = [];
  const answers = {
    '/redirect': (response) => response.writeHead(302, { location: '/there?x=1' }).end(),
    '/long': (response) => response.end('0123456789'),
    '/endless': (response) => response.write('start'),
    '/broken': (response) => response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy()),
    '/twice': (response) => response.writeHead(200, ['X-A', '1', 'X-A', '2']).end('ok'),
  };
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ method: request.method, url: request.url, headers: request.headers, body });
    (answers[request.url] ?? ((one) => one.end('hello')))(response);
  });
  server.on('connect', (request, socket) => socket.end('HTTP/1.1 407 No\r\n\r\n'));
  let base;
  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    base = `http://127.0.0.1:${server.address().port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  test('sends what it is given and tells what it got', async () => {
    const headers = [['X-Two', 'a'], ['X-Two', 'b'], ['Authorization', 'Bearer t']];
    const reply = await get(`${base}/twice`, { method: 'POST', headers, body: 'é' });
    const sent = asked.at(-1);
    assert.deepEqual([sent.method, sent.body, sent.headers['content-length']], ['POST', 'é', '2']);
    assert.deepEqual([sent.headers['x-two'], sent.headers.authorization], ['a, b', 'Bearer t']);
    assert.deepEqual([sent.headers['user-agent'], sent.headers['accept-encoding']], ['mangetamain-deploy', undefined]);
    assert.deepEqual([reply.is, reply.status, reply.body, reply.whole, reply.location], ['answered', 200, 'ok', true, null]);
    assert.equal(reply.headers['x-a'], '1, 2');
  });

  test('does not follow a redirect, and resolves where it points', async () => {
    const count = asked.length;
    const reply = await get(`${base}/redirect`);
    assert.deepEqual([reply.status, reply.location, asked.length - count], [302, `${base}/there?x=1`, 1]);
  });

  test('keeps the asked end of a long body', async () => {
    const kept = async (keep, cap) => {
      const { body, whole } = await get(`${base}/long`, { keep, cap });
      return [body, whole];
    };
    assert.deepEqual(await kept('head', 4), ['0123', false]);
    assert.deepEqual(await kept('tail', 4), ['6789', false]);
    assert.deepEqual(await kept('head', 10), ['0123456789', true]);
  });

  test('tells how far it got', async () => {
    const phase = async (url, more) => {
      const reply = await get(url, more);
      assert.equal(reply.is, 'unreached');
      assert.notEqual(reply.text, '');
      return reply.phase;
    };
    const closed = net.createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address();
    await new Promise((resolve) => closed.close(resolve));
    assert.equal(await phase('not a url'), 'url');
    assert.equal(await phase('ftp://localhost/'), 'url');
    assert.equal(await phase(base, { headers: [['X', 'a\nb']] }), 'url');
    assert.equal(await phase('http://no-such-host.invalid/'), 'resolve');
    assert.equal(await phase(`http://127.0.0.1:${port}/`), 'connect');
    assert.equal(await phase(`http://localhost:${port}/`), 'connect');
    assert.equal(await phase(base.replace('http', 'https')), 'tls');
    assert.equal(await phase(`${base}/broken`), 'answer');
    assert.equal(await phase(`${base}/endless`, { limit_ms: 200 }), 'timeout');
  });

  test('goes through the proxy that the environment names, but never to this machine', async () => {
    process.env.http_proxy = process.env.HTTPS_PROXY = base;
    try {
      assert.equal((await get('http://app.invalid/x')).body, 'hello');
      assert.deepEqual([asked.at(-1).url, asked.at(-1).headers.host], ['http://app.invalid/x', 'app.invalid']);
      for (const host of ['127.0.0.1', 'localhost']) {
        await get(`http://${host}:${server.address().port}/here`);
        assert.equal(asked.at(-1).url, '/here');
      }
      const refused = await get('https://app.invalid/');
      assert.deepEqual([refused.phase, refused.text], ['connect', 'the proxy answered 407']);
      process.env.NO_PROXY = 'app.invalid';
      assert.equal((await get('http://app.invalid/x')).phase, 'resolve');
      process.env.http_proxy = 'socks5://user:secret@x';
      const odd = await get('http://other.invalid/');
      assert.equal(odd.phase, 'connect');
      assert.doesNotMatch(odd.text, /secret/);
    } finally {
      for (const name of ['http_proxy', 'HTTPS_PROXY', 'NO_PROXY']) delete process.env[name];
    }
  });
});

describe('a signal', () => {
  const cancelled = (signal) => JSON.stringify({ cancelled: { signal } });

  test('ends what runs, refuses what waits, and leaves the files to be written', async () => {
    const script = `trap 'echo told > ${at('told')}; exit 0' TERM; echo $$ > ${at('running')}; while :; do sleep 0.05; done`;
    const commands = [
      { ...RUN, program: 'sh', args: ['-c', script] },
      { do: 'sleep', ms: 1e6 },
      { do: 'append', path: at('ledger'), text: 'stopped\n' },
    ];
    const seen = door('cli.js', { commands });
    await until(() => text('running'));
    seen.child.kill('SIGINT');
    await seen.ended;
    assert.deepEqual(seen.stdout.trim().split('\n'), [cancelled('SIGINT'), cancelled('SIGINT'), '"done"']);
    assert.deepEqual([seen.code, text('told'), text('ledger')], [0, 'told\n', 'stopped\n']);
  });

  test('does not wait for what ignores it', async () => {
    const script = `trap '' TERM; echo $$ > ${at('deaf')}; while :; do sleep 0.05; done`;
    const seen = door('cli.js', { commands: [{ ...RUN, program: 'sh', args: ['-c', script] }] });
    const pid = Number(await until(() => text('deaf')));
    const began = Date.now();
    seen.child.kill('SIGTERM');
    await seen.ended;
    assert.equal(seen.stdout.trim(), cancelled('SIGTERM'));
    assert.ok(Date.now() - began < 7000);
    await until(() => !alive(pid));
  });

  test('ends a wait for a lock', async () => {
    const file = at('lock-8');
    await perform({ do: 'lock', path: file, holder: 'x', wait_ms: 0 });
    const seen = door('cli.js', { commands: [{ do: 'lock', path: file, holder: 'y', wait_ms: 1e6 }] });
    await until(async () => (await perform({ do: 'processes', file, folder: temporary })).processes.length > 1);
    seen.child.kill('SIGTERM');
    await seen.ended;
    assert.equal(seen.stdout.trim(), cancelled('SIGTERM'));
    await perform({ do: 'unlock', path: file });
  });
});

describe('a watcher', () => {
  test('outlives its parent and its folder, with a cleaned environment', async () => {
    const folder = at('action');
    fs.cpSync(dist, folder, { recursive: true });
    const commands = [
      { do: 'lock', path: at('go'), holder: 'watcher', wait_ms: 1e6 },
      { ...RUN, program: 'sh', args: ['-c', `env > ${at('watcher-env')}; pwd > ${at('watcher-pwd')}`] },
      { do: 'http', method: 'GET', url: 'http://x.invalid/', headers: [], limit_ms: 1000, cap: 10, keep: 'head' },
      { do: 'append', path: at('watcher-log'), text: 'after\n' },
      { do: 'sleep', ms: 1e6 },
    ];
    const start = { door: 'watcher', inputs: { script: lines(...commands), token: 's3cret' } };
    await perform({ do: 'lock', path: at('go'), holder: 'test', wait_ms: 0 });
    const child = spawn(process.execPath, [path.join(folder, 'main.js')], {
      env: {
        PATH: process.env.PATH, RUNNER_TRACKING_ID: 'github_x', ACTIONS_RUNTIME_TOKEN: 't', KEPT: 'yes', https_proxy: 'http://127.0.0.1:1',
        GITHUB_OUTPUT: at('detach-out'), INPUT_SCRIPT: lines({ do: 'detach', start, drop: ['RUNNER_TRACKING_ID', 'ACTIONS_*', 'INPUT_*'] }),
      },
    });
    fs.writeFileSync(at('detach-out'), '');
    // Nothing of ours may hold the runner's pipe: it would wait for it.
    const [code] = await once(child, 'close');
    const { is, pid } = named(JSON.parse(/\{.*\}/.exec(text('detach-out'))[0]));
    assert.deepEqual([code, is, alive(pid)], [0, 'detached', true]);
    fs.rmSync(folder, { recursive: true });
    await perform({ do: 'unlock', path: at('go') });
    await until(() => text('watcher-log') === 'after\n');
    assert.deepEqual([/RUNNER_TRACKING|ACTIONS_|INPUT_/.test(text('watcher-env')), text('watcher-pwd')], [false, '/\n']);
    assert.match(text('watcher-env'), /KEPT=yes/);
    assert.doesNotMatch(fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8') + fs.readFileSync(`/proc/${pid}/environ`, 'utf8'), /s3cret|RUNNER_TRACKING/);
    assert.deepEqual([0, 1, 2].map((fd) => fs.readlinkSync(`/proc/${pid}/fd/${fd}`)), Array(3).fill('/dev/null'));
    process.kill(pid, 'SIGTERM');
    await until(() => !alive(pid));
  });

  test('that cannot start is refused', async () => {
    const kept = fs.readFileSync(path.join(dist, 'watcher.js'));
    fs.writeFileSync(path.join(dist, 'watcher.js'), 'process.exit(7)');
    const seen = door('cli.js', { commands: [{ do: 'detach', start: { door: 'watcher' }, drop: [] }] });
    await seen.ended.finally(() => fs.writeFileSync(path.join(dist, 'watcher.js'), kept));
    const reply = named(JSON.parse(seen.stdout));
    assert.deepEqual([reply.is, reply.code, reply.text], ['refused', 'EWATCHER', 'the watcher ended with 7 and was not ready within 10000 ms']);
  });
});

describe('a door', () => {
  const SAY = ['line', 'group', 'end-group', 'notice', 'warning', 'error'].map((level) => ({ do: 'say', level, text: `${level} é\n::x` }));

  test('of the action gives inputs in, and commands, outputs and summary out', async () => {
    for (const name of ['out', 'summary']) fs.writeFileSync(at(name), '');
    const env = { GITHUB_OUTPUT: at('out'), GITHUB_STEP_SUMMARY: at('summary'), 'INPUT_DRY-RUN': ' x ', INPUT_FAILURE: 'it failed\nbadly' };
    const commands = [...SAY.slice(1), { do: 'mask', values: ['a%b'] }, 'start'];
    const seen = await door('main.js', { commands, env }).ended;
    assert.equal(seen.code, 1);
    const expected = ['group', 'endgroup', 'notice', 'warning', 'error'].map((name, at) => `::${name}::${SAY[at + 1].level} é%0A::x`);
    assert.deepEqual(seen.stdout.trim().split('\n'), [...expected, '::add-mask::a%25b', '::error::it failed%0Abadly']);
    assert.equal(text('summary'), '# done\n');
    assert.match(text('out'), /^r0<<(ghadelimiter_[0-9a-f-]{36})\n"done"\n\1\n/);
    const start = JSON.parse(text('out').split('\n').find((line) => line.includes('"door"')));
    assert.deepEqual([start.door, start.inputs['dry-run'], start.platform, start.pid], ['action', ' x ', 'linux', seen.child.pid]);
    assert.deepEqual(Object.keys(start.env).filter((name) => name.startsWith('INPUT_')), []);
  });

  test('of the operator speaks plainly', async () => {
    const seen = await door('cli.js', { commands: [...SAY, { do: 'mask', values: ['x'] }] }).ended;
    assert.equal(seen.stderr, 'warning é\n::x\nerror é\n::x\n');
    assert.equal(seen.stdout.startsWith('line é\n::x\ngroup é\n::x\nnotice é\n::x\n"done"\n'), true);
  });

  for (const [file, stream] of [['main.js', 'stdout'], ['cli.js', 'stderr']]) {
    for (const [command, said] of [['panic', 'panicked at src/x.rs:12:3: a bug'], ['stuck', 'it waits for something that cannot come']]) {
      for (const flags of [[], ['--unhandled-rejections=warn']]) {
        test(`${file} tells of a bug of ours once: ${command} ${flags}`, async () => {
          const seen = await door(file, { commands: [command], flags }).ended;
          assert.equal(seen.code, 1);
          assert.equal(seen[stream].split('This is a bug in mangetamain-deploy').length, 2);
          assert.ok(seen[stream].includes(said) && !seen[stream].includes('\u001b'));
          assert.match(seen[stream], /lock frees itself.*mode `status` says what is live/);
        });
      }
    }
  }

  test('lives on when nobody reads what it says', async () => {
    const commands = [{ do: 'sleep', ms: 300 }, ...Array(50).fill({ do: 'say', level: 'line', text: 'x'.repeat(9000) }), { do: 'append', path: at('deaf-ears'), text: 'on' }];
    const seen = door('cli.js', { commands });
    seen.child.stdout.destroy();
    await seen.ended;
    assert.deepEqual([seen.code, text('deaf-ears')], [0, 'on']);
  });

  test('loads only what it needs', async () => {
    const needed = 'process.on("exit", () => require("node:fs").writeSync(2, process.moduleLoadList.filter((name) => /NativeModule (http|https|crypto|child_process|net|tls|zlib|internal\\/deps\\/undici\\/undici)$/.test(name)).join() + "\\n"))';
    fs.writeFileSync(at('loaded.cjs'), needed);
    fs.writeFileSync(at('out'), '');
    const commands = [{ do: 'read', path: at('none'), cap: 9, keep: 'head' }, { do: 'peek', path: at('none') }, SAY[0]];
    const seen = await door('main.js', { commands, flags: ['--require', at('loaded.cjs')], env: { GITHUB_OUTPUT: at('out') } }).ended;
    assert.deepEqual([seen.code, seen.stderr], [0, '\n']);
  });
});
