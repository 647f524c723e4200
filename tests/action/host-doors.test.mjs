// The shim's doors as processes: signals, the watcher that is left behind, and what each door says and loads.
// core.cjs stands in for the core.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { alive, at, buildDoors, dist, door, lines, named, perform, RUN, temporary, text, until } from './host-support.mjs';

buildDoors();

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
    assert.deepEqual([reply.is, reply.code, reply.text], ['refused', 'EWATCHER', '7']);
  });
});

describe('a door', () => {
  const SAY = ['line', 'group', 'end-group', 'notice', 'warning'].map((level) => ({ do: 'say', level, text: `${level} é\n::x` }));

  test('of the action gives inputs in, and commands, outputs and summary out', async () => {
    for (const name of ['out', 'summary']) fs.writeFileSync(at(name), '');
    const env = { GITHUB_OUTPUT: at('out'), GITHUB_STEP_SUMMARY: at('summary'), 'INPUT_DRY-RUN': ' x ', INPUT_FAILURE: 'it failed\nbadly' };
    const commands = [...SAY.slice(1), { do: 'mask', values: ['a%b'] }, 'start'];
    const seen = await door('main.js', { commands, env }).ended;
    assert.equal(seen.code, 1);
    const expected = ['group', 'endgroup', 'notice', 'warning'].map((name, at) => `::${name}::${SAY[at + 1].level} é%0A::x`);
    assert.deepEqual(seen.stdout.trim().split('\n'), [...expected, '::add-mask::a%25b', '::error::it failed%0Abadly']);
    assert.equal(text('summary'), '# done\n');
    assert.match(text('out'), /^r0<<(ghadelimiter_[0-9a-f-]{36})\n"done"\n\1\n/);
    // One that can be foreseen lets a value end itself and set other outputs.
    assert.equal(new Set(text('out').match(/(?<=^r\d<<)ghadelimiter_.{36}$/gm)).size, commands.length, 'a delimiter for each value');
    const start = JSON.parse(text('out').split('\n').find((line) => line.includes('"door"')));
    assert.deepEqual([start.door, start.inputs['dry-run'], start.platform, start.pid], ['action', ' x ', 'linux', seen.child.pid]);
    assert.deepEqual(Object.keys(start.env).filter((name) => name.startsWith('INPUT_')), []);
  });

  test('of the operator speaks plainly', async () => {
    const seen = await door('cli.js', { commands: [...SAY, { do: 'mask', values: ['x'] }] }).ended;
    assert.equal(seen.stderr, 'notice é\n::x\nwarning é\n::x\n');
    assert.equal(seen.stdout.startsWith('line é\n::x\ngroup é\n::x\n"done"\n'), true);
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
