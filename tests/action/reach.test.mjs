// How far the shim gets towards a server: what is the network's fault, and when a certificate ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import net from 'node:net';
import { test } from 'node:test';
import { freePort } from '../world/app.mjs';
import { hangs, says, withSites } from '../world/site.mjs';

const { createHost } = createRequire(import.meta.url)('../../js/host.js');
const host = createHost(() => {}, () => {});
const get = (url, limit_ms = 5000) =>
  host.perform({ do: 'http', method: 'GET', url, headers: [], body: null, limit_ms, cap: 1000, keep: 'head' });
const phase = async (...given) => (await get(...given)).unreached.phase;

// A listener that is stopped, with its queue full: the kernel drops what comes, as a network that leads nowhere does.
async function withSilence(work) {
  const script = 'const server = require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port))';
  const child = spawn(process.execPath, ['-e', script]);
  const waiting = [];
  try {
    const port = Number(await once(child.stdout, 'data'));
    child.kill('SIGSTOP');
    for (let number = 0; number < 8; number += 1) waiting.push(net.connect(port, '127.0.0.1').on('error', () => {}));
    await once(waiting[0], 'connect');
    return await work(port);
  } finally {
    for (const socket of waiting) socket.destroy();
    child.kill('SIGKILL');
  }
}

test('an address from which nothing comes back is not one that refuses', () => withSilence(async (port) => {
  for (const scheme of ['http', 'https']) assert.equal(await phase(`${scheme}://127.0.0.1:${port}/`, 300), 'network');
  assert.equal(await phase(`http://127.0.0.1:${await freePort()}/`), 'connect');
}));

test('a server that was reached and says nothing is late, not lost', () => withSites([{ answer: hangs }], async (site) => {
  assert.equal(await phase(site.url, 200), 'timeout');
}));

test('an answer tells when the certificate ends, with whole and with closed connections', () =>
  withSites([{ days: 10 }, {}], async (secure, plain) => {
    // A process of its own: who is trusted is read once, at its start.
    const ask = `
      const { createHost } = require('./js/host.js');
      const ask = { do: 'http', method: 'GET', url: ${JSON.stringify(secure.url)}, headers: [], body: null, limit_ms: 5000, cap: 1000, keep: 'head' };
      createHost().perform(ask).then((reply) => process.stdout.write(JSON.stringify(reply)));`;
    for (const connection of ['keep-alive', 'close']) {
      secure.answer = says(200, 'x', { connection });
      const child = spawn(process.execPath, ['-e', ask], { env: { ...process.env, NODE_EXTRA_CA_CERTS: secure.certificate } });
      let text = '';
      child.stdout.on('data', (part) => (text += part));
      await once(child, 'close');
      const left = JSON.parse(text).answered.certificate_ends_ms - Date.now();
      assert.ok(left > 9 * 86_400_000 && left <= 10 * 86_400_000, `${connection}: ${left}`);
    }
    assert.equal((await get(plain.url)).answered.certificate_ends_ms ?? null, null);
  }));
