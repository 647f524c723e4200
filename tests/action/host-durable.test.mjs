// What was written is on the disk when the shim answers, as SECURITY.md promises. No power is cut here: what
// is asked of the system, and for which file, is written down in order.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { at, perform, temporary } from './host-support.mjs';

/** What is looked at, with which of its arguments are files: paths, or numbers of open ones. */
const ASKED = {
  writeFileSync: [0, 1], writeSync: [0, 1], ftruncateSync: [0, 1], fsyncSync: [0, 1], renameSync: [0, 2], symlinkSync: [1, 2], mkdirSync: [0, 1], unlinkSync: [0, 1],
};
const real = fs.realpathSync(temporary);
// Node's own rmSync keeps what it found here first, and gives paths as bytes.
const pathOf = (it) => String(typeof it === 'number' ? fs.readlinkSync(`/proc/self/fd/${it}`) : it).replace(real, '').replace(`.${process.pid}.`, '.') || '/';

/** What a command asks of the system until its reply, which comes last: ['writeFile /a', 'fsync /a', 'done']. */
async function asked(name, command) {
  const seen = [];
  const whole = Object.fromEntries(Object.keys(ASKED).map((one) => [one, fs[one]]));
  for (const [one, range] of Object.entries(ASKED)) {
    fs[one] = (...args) => {
      seen.push([one.replace('Sync', ''), ...args.slice(...range).map(pathOf)].join(' '));
      return whole[one](...args);
    };
  }
  try {
    const { is } = await perform({ path: `${real}${name}`, ...command });
    return [...seen, is];
  } finally {
    Object.assign(fs, whole);
  }
}

test('an append reaches the disk, and the name of a new file too', async () => {
  const append = { do: 'append', text: 'a line\n' };
  assert.deepEqual(await asked('/log', append), ['writeFile /log', 'fsync /log', 'fsync /', 'done']);
  assert.deepEqual(await asked('/log', append), ['writeFile /log', 'fsync /log', 'done']);
});

test('a replacement is on the disk before it takes its name, and its name before the answer', async () => {
  for (let again = 0; again < 2; again += 1) {
    assert.deepEqual(await asked('/point', { do: 'replace', text: 'a line\n' }), [
      'writeFile /point.tmp', 'fsync /point.tmp', 'rename /point.tmp /point', 'fsync /', 'done',
    ]);
  }
});

test('a link takes its name at once, and on the disk', async () => {
  assert.deepEqual(await asked('/latest', { do: 'link', target: 'log' }), ['symlink /latest.tmp', 'rename /latest.tmp /latest', 'fsync /', 'done']);
});

test('each new folder is on the disk in the one above it; one that is there is left alone', async () => {
  assert.deepEqual(await asked('/one/two', { do: 'folder' }), ['mkdir /one', 'fsync /', 'mkdir /one/two', 'fsync /one', 'done']);
  assert.deepEqual(await asked('/one/two', { do: 'folder' }), ['mkdir /one/two', 'done']);
});

test('a name that is removed is gone from the disk', async () => {
  fs.writeFileSync(at('old'), '');
  assert.deepEqual(await asked('/old', { do: 'remove' }), ['unlink /old', 'fsync /', 'done']);
});

test('the name of a lock\'s holder is on the disk before the lock is ours', async () => {
  const path = `${real}/lock`;
  assert.deepEqual(await asked('/lock', { do: 'lock', holder: 'us\n', wait_ms: 0 }), ['ftruncate /lock', 'write /lock', 'fsync /lock', 'locked']);
  await perform({ do: 'unlock', path });
});
