// What another user of the machine can plant under a name that the shim writes to: a second name (a hard
// link) of somebody's file, a file or a folder of his, a named pipe. None is written to, none holds us up.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const shim = createRequire(import.meta.url).resolve('../../js/host.js');
const { createHost } = createRequire(import.meta.url)(shim);
const host = createHost(() => {}, () => {});
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'planted-'));
after(() => fs.rmSync(temporary, { recursive: true, force: true }));

const NOBODY = 65534;
// Only root can give something away; who is not root has nobody else's things to plant.
const skip = process.getuid() !== 0 && 'only root can give files away';
const at = (...names) => path.join(temporary, ...names);
const append = (name) => host.perform({ do: 'append', path: at(name), text: 'ours\n' });
const lock = (name) => host.perform({ do: 'lock', path: at(name), holder: 'us', wait_ms: 0 });
const folder = (name) => host.perform({ do: 'folder', path: at(name) });
const refused = (reply, code, name) => assert.deepEqual(reply, { refused: { code, text: at(name) } });

/** A folder that everybody may make names in, like /tmp. */
function shared(name) {
  fs.mkdirSync(at(name));
  fs.chmodSync(at(name), 0o1777);
}

test('a second name of somebody\'s file is neither appended to nor emptied by a lock', async () => {
  fs.writeFileSync(at('victim'), 'precious\n');
  fs.linkSync(at('victim'), at('second'));
  for (const reply of [await append('second'), await lock('second')]) refused(reply, 'ENOTOURS', 'second');
  assert.equal(fs.readFileSync(at('victim'), 'utf8'), 'precious\n');
});

test('a second name is let go by a replacement, not written through', async () => {
  fs.writeFileSync(at('first'), 'precious\n');
  fs.linkSync(at('first'), at('point'));
  assert.equal(await host.perform({ do: 'replace', path: at('point'), text: 'ours\n' }), 'done');
  assert.deepEqual([fs.readFileSync(at('first'), 'utf8'), fs.readFileSync(at('point'), 'utf8')], ['precious\n', 'ours\n']);
});

test('a named pipe holds up neither a lock nor a look at one', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  refused(await lock('pipe'), 'ENOTOURS', 'pipe');
  assert.equal(await host.perform({ do: 'peek', path: at('pipe') }), 'missing');
});

test('a file of another user in a shared folder is not written to', { skip }, async () => {
  shared('logs');
  fs.writeFileSync(at('logs', 'log'), '');
  fs.chownSync(at('logs', 'log'), NOBODY, NOBODY);
  refused(await append('logs/log'), 'ENOTOURS', 'logs/log');
  assert.equal(fs.readFileSync(at('logs', 'log'), 'utf8'), '');
});

test('a folder or a link of another user in the place of ours is refused', { skip }, async () => {
  shared('state');
  fs.mkdirSync(at('state', 'preprod'));
  fs.symlinkSync(temporary, at('state', 'prod'));
  for (const name of ['preprod', 'prod']) {
    fs.lchownSync(at('state', name), NOBODY, NOBODY);
    refused(await folder(`state/${name}`), 'EFOREIGN', `state/${name}`);
  }
});

test('root may use what belongs to the owner of the folder above, and we what we made', { skip }, async () => {
  for (const name of ['his', 'his/preprod']) fs.mkdirSync(at(name));
  fs.writeFileSync(at('his/preprod/ledger.jsonl'), '');
  for (const name of ['his', 'his/preprod', 'his/preprod/ledger.jsonl']) fs.chownSync(at(name), NOBODY, NOBODY);
  assert.deepEqual([await folder('his/preprod'), await append('his/preprod/ledger.jsonl')], ['done', 'done']);
  assert.deepEqual([await folder('mine/preprod'), await append('mine/preprod/ledger.jsonl')], ['done', 'done']);
});

test('where nothing can be made in a folder that is there, that is said at once', async () => {
  // A state-dir below /proc kept a process at work until it was killed.
  const script = `const { createHost } = require(${JSON.stringify(shim)});
    createHost(() => {}, () => {}).perform({ do: 'folder', path: '/proc/x/preprod' }).then((reply) => console.log(reply.refused.code))`;
  const seen = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 30_000 });
  assert.equal(seen.stdout.trim(), 'ENOENT', seen.stderr);
});
