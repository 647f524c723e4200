// A job's log as GitHub stores it (a byte order mark, then lines that begin with a time of seven
// decimals), and the second server that hands it out: blob storage, which wants its signature in
// the link and refuses any Authorization header beside it.
import { randomUUID } from 'node:crypto';
import { serve } from '../http.mjs';

/** `job.log` as it is when given (a string), else lines from the steps' `log`. */
export function buildLog(job, record) {
  if (typeof job.log === 'string') return job.log;
  const lines = record.steps.flatMap((step) => stepLines(step));
  return `\uFEFF${lines.join('\n')}\n`;
}

function stepLines(step) {
  const began = Date.parse(step.started_at);
  const text = [].concat(step.log ?? []).join('\n');
  const own = text === '' ? [] : text.split('\n');
  const end = step.conclusion === 'failure' ? ['##[error]Process completed with exit code 1.'] : [];
  return [`##[group]Run ${step.name}`, '##[endgroup]', ...own, ...end].map(
    (line, at) => `${new Date(began + at).toISOString().replace('Z', '0000Z')} ${line}`,
  );
}

/** Starts the blob server: `link(text)` puts a text there and gives its signed URL. */
export async function startBlobs(requests) {
  const blobs = new Map();
  const server = await serve((request) => {
    requests.push({ server: 'blob', ...request, query: undefined });
    return answer(request, blobs);
  });
  const link = (text) => {
    const key = randomUUID();
    const signature = randomUUID();
    blobs.set(key, { text, signature });
    return `${server.url}/actions-results/${key}/logs.txt?sig=${signature}&sp=r`;
  };
  return { ...server, link };
}

function answer(request, blobs) {
  const blob = blobs.get(request.path.split('/')[2]);
  if (request.headers.authorization) return refusal(401, 'InvalidAuthenticationInfo');
  if (!blob) return refusal(404, 'BlobNotFound');
  if (request.query.get('sig') !== blob.signature) return refusal(403, 'AuthenticationFailed');
  return { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: blob.text };
}

const refusal = (status, code) => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`,
});
