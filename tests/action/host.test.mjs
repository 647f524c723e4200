// The shim against the real world: processes, locks and files; nothing is pretended. HTTP is
// host-http.test.mjs's, signals, the watcher and the doors are host-doors.test.mjs's.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../../js/build.mjs';
import { alive, at, buildDoors, door, perform, RUN, sh, temporary, text, until } from './host-support.mjs';

buildDoors();
// Only root can act as another user.
const asRoot = { skip: process.getuid() !== 0 && 'not root' };

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
    assert.deepEqual(folder, { is: 'refused', code: 'ENOFOLDER', text: at('nowhere') });
    fs.writeFileSync(at('plain'), 'x', { mode: 0o600 });
    assert.equal((await perform({ ...RUN, program: at('plain') })).code, 'EACCES');
  });

  test('whose output has nowhere to go is refused for that, and not called missing', async () => {
    const saved = await perform({ do: 'save', path: at('nowhere/list'), run: { ...RUN, program: 'true' } });
    assert.deepEqual([saved.is, saved.code], ['refused', 'ENOENT']);
    assert.match(saved.text, /nowhere\/list/);
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

  test('that is not ours to signal, as sudo makes one, is waited for no longer', asRoot, async () => {
    fs.copyFileSync('/usr/bin/setpriv', at('as-root'));
    fs.chownSync(at('as-root'), 0, 0);
    fs.chmodSync(at('as-root'), 0o4755);
    fs.chmodSync(temporary, 0o755);
    const command = { ...RUN, program: at('as-root'), args: ['--reuid=0', '--clear-groups', 'sleep', '30'], limit_ms: 200 };
    const script = `const { run } = require('./js/run.js');
      process.setgroups([]), process.setgid(65534), process.setuid(65534);
      run(${JSON.stringify(command)}, () => {}).then((ran) => process.exit(console.log(JSON.stringify(ran))));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
    const ran = JSON.parse(stdout || `"${stderr}"`);
    assert.deepEqual([ran.is, ran.exit, ran.signal, ran.timed_out], ['ran', null, null, true]);
    assert.ok(ran.ms < 10000, `${ran.ms} ms`);
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

  test('that is given back is free, although a process that was started under it lives on', async () => {
    const file = at('lock-7');
    assert.deepEqual(await perform({ ...LOCK, path: file }), { is: 'locked' });
    // As git leaves its credential daemon: a child of nobody, with all that it inherited.
    await sh(`sleep 1000 >/dev/null 2>&1 & echo $! > ${at('daemon')}`, { under_lock: file });
    await perform({ do: 'unlock', path: file });
    assert.deepEqual(await perform({ ...LOCK, path: file }), { is: 'locked' });
    await perform({ do: 'unlock', path: file });
    process.kill(Number(text('daemon')), 'SIGKILL');
  });

  test('of nobody lets no process run under it', async () => {
    assert.deepEqual(await sh('true', { under_lock: at('never') }), { is: 'refused', code: 'ENOTHELD', text: at('never') });
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
    assert.deepEqual([reply.is, reply.code], ['refused', 'ENOFLOCK']);
  });
});

test('a git of another user, of which we may not see where it works, is named for a file of that user\'s alone', asRoot, async () => {
  const NOBODY = 65534;
  const git = spawn('git', ['hash-object', '--stdin'], { cwd: temporary, stdio: ['pipe', 'ignore', 'ignore'] });
  await until(() => fs.readFileSync(`/proc/${git.pid}/comm`, 'utf8') === 'git\n');
  fs.chmodSync(temporary, 0o755);
  for (const [name, owner] of [['theirs', 0], ['ours', NOBODY]]) {
    fs.writeFileSync(at(name), '');
    fs.chownSync(at(name), owner, owner);
  }
  const source = fs.readFileSync(path.join(root, 'js/processes.js'), 'utf8');
  const ask = (file) => {
    // Not the program's start as that user: this Node may stand where they may not look.
    const become = `process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY});`;
    const script = `${become}${source}\nconsole.log(JSON.stringify(exports.processes(${JSON.stringify({ file: at(file), folder: temporary })})))`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: '/', encoding: 'utf8' });
    assert.equal(stderr, '');
    return JSON.parse(stdout).processes.some(([pid, name]) => pid === git.pid && name === 'git');
  };
  try {
    assert.deepEqual([ask('theirs'), ask('ours')], [true, false]);
  } finally {
    git.kill();
  }
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
    assert.deepEqual(await append('pipe'), { is: 'refused', code: 'ENOTOURS', text: at('pipe') });
    assert.equal(fs.readSync(reader, Buffer.alloc(9)), 0);
    fs.closeSync(reader);
    assert.equal((await append('.')).code, 'EISDIR');
  });

  test('folders, links, names and looks', async () => {
    assert.deepEqual(await perform({ do: 'folder', path: at('f/g/h') }), { is: 'done' });
    assert.deepEqual(await perform({ do: 'folder', path: at('f/g/h') }), { is: 'done' });
    assert.equal(fs.statSync(at('f/g')).mode & 0o777, 0o700);
    fs.writeFileSync(at('f/file'), '');
    assert.equal((await perform({ do: 'folder', path: at('f/file') })).code, 'EEXIST');
    assert.equal((await perform({ do: 'folder', path: at('f/file/under') })).code, 'ENOTDIR');
    fs.rmSync(at('f/file'));
    await perform({ do: 'link', path: at('f/latest'), target: 'one' });
    await perform({ do: 'link', path: at('f/latest'), target: 'two' });
    assert.equal(fs.readlinkSync(at('f/latest')), 'two');
    assert.deepEqual(await perform({ do: 'list', path: at('f') }), { is: 'names', names: ['g', 'latest'] });
    assert.deepEqual(await perform({ do: 'list', path: at('none') }), { is: 'missing' });
    const { stats } = await perform({ do: 'stat', paths: [at('f/g'), at('f/latest'), at('f/none'), at('long')] });
    assert.deepEqual(stats.map((one) => one?.kind ?? null), ['folder', 'link', null, 'file']);
    assert.deepEqual([stats[3].size, Number.isInteger(stats[3].modified_ms), stats[0].mode], [10, true, 0o700]);
    assert.deepEqual(await perform({ do: 'remove', path: at('f/latest') }), { is: 'done' });
    assert.deepEqual(await perform({ do: 'remove', path: at('f/latest') }), { is: 'missing' });
  });
});
