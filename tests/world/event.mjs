// Builds `workflow_run` completed payloads, the file that GITHUB_EVENT_PATH names when the
// pipeline is started by CI's end: for a commit of the own repository, or for a fork whose
// branch is called `main` too, which is the case that must never be deployed.
import { writeFileSync } from 'node:fs';
import { latest, runStore } from './github/store.mjs';
import { fullRepositoryObject, place, runObject, userObject, workflowObject } from './github/template.mjs';

/**
 * The payload. `run` is what `addRun` takes ({sha, conclusion, ...}); `fork` is "owner/repo" of
 * the repository the run's head came from. `id` sets the run's id (that of the REST stand-in).
 */
export function workflowRunEvent({ full = 'octo/app', run, id, fork, action = 'completed', isPrivate = false }) {
  const at = place(full);
  const store = runStore();
  const first = store.addRun({ conclusion: 'success', ...run, headRepository: fork });
  const record = store.run(first);
  if (id !== undefined) record.id = id;
  return {
    action,
    workflow_run: runObject(record, latest(record), at, { isPrivate }),
    workflow: workflowObject(record, at),
    repository: fullRepositoryObject(at, { isPrivate }),
    sender: userObject(record.actor, at),
  };
}

/** A `push` payload, as far as a deploy looks at it. */
export function pushEvent({ full = 'octo/app', sha, before = '0'.repeat(40), branch = 'main', message = 'A change' }) {
  const at = place(full);
  const person = { name: 'mona', username: 'mona', email: 'mona@users.noreply.github.com' };
  return {
    ref: `refs/heads/${branch}`,
    before,
    after: sha,
    head_commit: { id: sha, message, timestamp: new Date().toISOString(), author: person, committer: person },
    repository: fullRepositoryObject(at),
    pusher: { name: person.name, email: person.email },
    sender: userObject('mona', at),
  };
}

/** Writes a payload; gives the file back. */
export function writeEvent(file, payload) {
  writeFileSync(file, JSON.stringify(payload, null, 2));
  return file;
}
