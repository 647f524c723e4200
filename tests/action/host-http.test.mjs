// The shim's HTTP against a server of our own: what is sent, what is kept of an answer, how far it got, proxies.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { perform } from './host-support.mjs';

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
