// A site that health checks ask, and its bad habits: `site.answer` is a way of answering, below, and
// can be changed at any time. With `days` it speaks TLS, with a certificate of its own that ends then.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HEADERS = { 'content-type': 'text/html; charset=utf-8' };
const PART = Buffer.alloc(64 * 1024, 'x');

/** Status and body, at once. */
export const says = (status, body = '', headers = {}) => (request, response) => {
  response.writeHead(status, { ...HEADERS, ...headers });
  response.end(body);
};

/** The beginning at once, then a byte a second: never whole. */
export const trickles = (request, response) => {
  response.writeHead(200, { ...HEADERS, 'content-length': 1000 });
  response.write('<');
  const timer = setInterval(() => response.write('x'), 1000);
  response.on('close', () => clearInterval(timer));
};

/** Sends the asker on to itself, for ever. */
export const redirects = (request, response) => {
  response.writeHead(302, { location: `/again/${Number(/\d+$/.exec(request.url)?.[0] ?? 0) + 1}` });
  response.end();
};

/** A gibibyte, as fast as it is taken; `sent` counts what went out. */
export function floods(sent) {
  return (request, response) => {
    response.writeHead(200, { ...HEADERS, 'content-length': 2 ** 30 });
    const more = () => {
      while (!response.destroyed && response.write(PART)) sent.bytes += PART.length;
    };
    response.on('drain', more);
    more();
  };
}

/** Accepts, and says nothing. */
export const hangs = () => {};

/** Breaks the connection before it has answered. */
export const breaks = (request) => request.socket.destroy();

/** Starts it on 127.0.0.1: {url, port, answer, requests, certificate, close}. */
export async function startSite({ answer = says(200, '<title>Mangetamain</title>'), days, port = 0 } = {}) {
  const tls = days === undefined ? null : certificate(days);
  const site = { answer, requests: [], certificate: tls?.file };
  const listener = (request, response) => {
    site.requests.push(request.url);
    site.answer(request, response);
  };
  const server = tls ? https.createServer({ key: tls.key, cert: tls.cert }, listener) : http.createServer(listener);
  await new Promise((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', done));
  site.port = server.address().port;
  site.url = `${tls ? 'https' : 'http'}://${tls ? 'localhost' : '127.0.0.1'}:${site.port}/`;
  site.close = () => new Promise((done) => {
    tls?.wipe();
    server.close(done);
    server.closeAllConnections();
  });
  return site;
}

/** Sites for one test, closed whatever happens. */
export async function withSites(options, work) {
  const sites = [];
  try {
    for (const one of options) sites.push(await startSite(one));
    return await work(...sites);
  } finally {
    await Promise.all(sites.map((site) => site.close()));
  }
}

// Signed by itself: who is told to trust it (NODE_EXTRA_CA_CERTS) sees only its dates. Negative days
// make one that has ended.
function certificate(days) {
  const folder = mkdtempSync(join(tmpdir(), 'site-'));
  const at = (name) => join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost', '-addext', names, '-keyout', at('key'), '-out', at('request'));
  openssl('x509', '-req', '-in', at('request'), '-signkey', at('key'), '-days', String(days), '-copy_extensions', 'copy', '-out', at('cert'));
  const [key, cert] = ['key', 'cert'].map((name) => readFileSync(at(name)));
  return { key, cert, file: at('cert'), wipe: () => rmSync(folder, { recursive: true, force: true }) };
}
