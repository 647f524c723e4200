// One HTTP exchange through Node's own client (why: ARCHITECTURE.md). No compression is asked for, so none is undone.
const { Kept } = require('./tail.js');
const { timer } = require('./stop.js');

process.env.UV_THREADPOOL_SIZE ??= '16'; // Half of them look up names: two whose servers are dead must not hold up all.
const LOCAL = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

exports.usesProxy = () => ['http_proxy', 'https_proxy', 'all_proxy'].some((name) => process.env[name] || process.env[name.toUpperCase()]);

const agentFor = (url) => !LOCAL.test(url.hostname) && exports.usesProxy() && require('./proxy.js').agentFor(url);

function unreached(phase, error) {
  const parts = error.errors?.map((one) => one.message).join('; ');
  return { is: 'unreached', phase, text: error.message || parts || error.code || 'no answer' };
}

// Follows how far a request gets; returns the phase that an error belongs to.
function following(request) {
  let phase = 'connect';
  request.on('socket', (socket) => {
    const further = () => (phase = socket.secureConnecting ? 'tls' : 'answer');
    if (!socket.connecting) further();
    socket.once('connect', further).once('secureConnect', further);
  });
  return ({ code, errors = [{ code }] }) => {
    if (code === 'ENOTFOUND' || code?.startsWith('EAI_')) return 'resolve';
    const lost = phase === 'connect' && errors.every((one) => /^E(NET|HOST|ADDR|AF|TIMEDOUT)/.test(one.code));
    return lost ? 'network' : phase;
  };
}

function answered(response, url, body, began) {
  const headers = Object.entries(response.headersDistinct).map(([name, values]) => [name, values.join(', ')]);
  const { location } = response.headers;
  return {
    is: 'answered',
    status: response.statusCode,
    headers: Object.fromEntries(headers),
    body: body.text(),
    whole: body.whole,
    location: location !== undefined && URL.canParse(location, url) ? new URL(location, url).href : null,
    ms: Math.round((process.uptime() - began) * 1000),
    certificate_ends_ms: response.certificate_ends_ms,
  };
}

function receive(response, { cap, keep }, done, fail) {
  const body = new Kept(cap, keep);
  // Asked now: a socket that was closed does not know any more.
  response.certificate_ends_ms = Date.parse(response.socket.getPeerCertificate?.().valid_to) || null;
  response.on('data', (chunk) => {
    body.add(chunk);
    if (keep === 'head' && !body.whole) done(response, body);
  });
  response.on('end', () => done(response, body));
  response.on('error', fail);
  response.on('close', () => fail(new Error('the connection ended before the answer did')));
}

function requestOf(url, { method, headers }) {
  const client = require(url.protocol === 'https:' ? 'node:https' : 'node:http');
  // An address is given up for the next one after this, not after a quarter of a second: one lost packet costs a whole.
  const request = client.request(url, { method, agent: agentFor(url), autoSelectFamilyAttemptTimeout: 1500 });
  try {
    for (const [name, value] of headers) request.appendHeader(name, value);
    if (!request.hasHeader('user-agent')) request.setHeader('User-Agent', 'mangetamain-deploy');
    return request;
  } catch (error) {
    request.on('error', () => {}).destroy();
    throw Object.assign(error, { phase: 'url' });
  }
}

function exchange(url, command, onStop, resolve) {
  const began = process.uptime();
  const request = requestOf(url, command);
  const phaseOf = following(request);
  const settle = (reply) => {
    clearTimeout(limit);
    resolve(reply);
    request.destroy();
  };
  const fail = (error) => settle(unreached(phaseOf(error), error));
  const late = Object.assign(new Error(`${command.limit_ms} ms`), { code: 'ETIMEDOUT' });
  const limit = timer(command.limit_ms, () => settle(unreached(phaseOf(late) === 'network' ? 'network' : 'timeout', late)));
  onStop(() => timer(command.method !== 'GET' && request.writableFinished ? 2000 : 0, () => settle(null)).unref()); // A post may be done.
  request.on('error', fail);
  // A proxy that will not connect us answers for itself, not for the server.
  request.on('proxyConnect', ({ statusCode }) => {
    if (statusCode !== undefined && statusCode !== 200) fail(new Error(`the proxy answered ${statusCode}`));
  });
  const done = (response, body) => settle(answered(response, url, body, began));
  request.on('response', (response) => receive(response, command, done, fail));
  request.end(command.body ?? undefined);
}

exports.http = (command, onStop) =>
  new Promise((resolve) => {
    try {
      const url = URL.canParse(command.url) ? new URL(command.url) : {};
      if (/^https?:$/.test(url.protocol)) exchange(url, command, onStop, resolve);
      else resolve(unreached('url', new Error('not an http or https URL')));
    } catch (error) {
      resolve(unreached(error.phase ?? 'connect', error));
    }
  });
