// What the HTTP stand-ins have in common: a server on 127.0.0.1 with a random port, a list of
// every request received, a queue of faults, and a control door for other processes.
// A fault is {match, times, kind, skip, effect, retryAfter, ms}: `match` is a part of
// "METHOD /path?query" or a RegExp ({regex} over HTTP), `skip` lets so many matches pass first,
// `effect: true` does what was asked and only then spoils the answer.
import http from 'node:http';

/** Starts a server; `answer(request)` returns {status, headers, body} or null to say nothing. */
export async function serve(answer, { host = '127.0.0.1', port = 0 } = {}) {
  const server = http.createServer((message, response) => {
    readRequest(message)
      .then((request) => answer(request, response))
      .then((reply) => reply && send(response, reply))
      .catch((error) => send(response, { status: 500, body: `stand-in broke: ${error.stack}` }));
  });
  // The stand-in never closes first: a client's kept connection must not race with a timer here.
  server.keepAliveTimeout = 60_000;
  await new Promise((done, failed) => server.once('error', failed).listen(port, host, done));
  const url = `http://${host}:${server.address().port}`;
  const close = () => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
  return { url, close };
}

async function readRequest(message) {
  const parts = [];
  for await (const part of message) parts.push(part);
  const url = new URL(message.url, 'http://stand-in');
  return {
    method: message.method,
    path: url.pathname,
    query: url.searchParams,
    target: message.url,
    headers: message.headers,
    body: Buffer.concat(parts).toString('utf8'),
    time: Date.now(),
  };
}

function send(response, { status = 200, headers = {}, body = '' }) {
  if (response.destroyed) return;
  const json = typeof body === 'object' && body !== null;
  const bytes = Buffer.from(json ? JSON.stringify(body) : body);
  const type = json ? { 'content-type': 'application/json; charset=utf-8' } : {};
  const length = status === 204 || status === 304 ? {} : { 'content-length': bytes.length };
  response.writeHead(status, { ...type, ...length, ...headers });
  response.end(status === 204 || status === 304 ? undefined : bytes);
}

/** A queue of faults. `next(request)` takes the first that matches, counting it down. */
export function faultQueue() {
  const queue = [];
  return {
    queue,
    add(fault) {
      queue.push({ times: 1, skip: 0, effect: false, ...fault });
    },
    clear: () => queue.splice(0),
    next(request) {
      const found = queue.find((fault) => fault.times > 0 && matches(fault.match, request));
      if (!found) return null;
      if (found.skip > 0) {
        found.skip -= 1;
        return null;
      }
      found.times -= 1;
      return found;
    },
  };
}

function matches(match, request) {
  const line = `${request.method} ${request.target}`;
  if (match === undefined || match === null) return true;
  if (match instanceof RegExp) return match.test(line);
  if (match.regex) return new RegExp(match.regex).test(line);
  return line.includes(match);
}

const HTML = '<!DOCTYPE html><html><head><title>Unicorn!</title></head><body>oops</body></html>';

/** Carries out the faults every server can have; null when the kind is the caller's own. */
export function commonFault(fault, response) {
  const html = (status) => ({ status, headers: { 'content-type': 'text/html' }, body: HTML });
  const actions = {
    500: () => ({ status: 500, body: { message: 'Server Error' } }),
    501: () => ({ status: 501, body: '' }),
    '502-html': () => html(502),
    503: () => ({ status: 503, body: { message: 'Service Unavailable' } }),
    garbage: () => ({ headers: { 'content-type': 'application/json' }, body: '{"total_count": 1, "wor' }),
    hang: () => 'silent',
    reset: () => void response.socket?.resetAndDestroy() ?? 'silent',
    truncated: () => truncate(response),
  };
  return actions[fault.kind] ? actions[fault.kind]() : null;
}

// Promises more bytes than it sends, then cuts the connection: an answer that is not whole.
function truncate(response) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 5000 });
  response.write('{"total_count": 1,', () => response.socket?.destroy());
  return 'silent';
}

/** Answers GET and POST /_control: the same operations as in the process, as {op, args}. */
export function control(request, operations, view) {
  if (request.method === 'GET') return { body: view() };
  const { op, args = [] } = JSON.parse(request.body);
  if (!Object.hasOwn(operations, op)) {
    return { status: 404, body: { message: `no operation ${op}: ${Object.keys(operations)}` } };
  }
  return { body: { value: operations[op](...args) ?? null } };
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
