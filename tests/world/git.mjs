// A throw-away origin (bare), a clone to commit in ("author"), and the VM's work tree ("vm").
// Git runs without the user's own configuration, so that a machine's settings change nothing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CLEAN = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Mona', GIT_AUTHOR_EMAIL: 'mona@example.org',
  GIT_COMMITTER_NAME: 'Mona', GIT_COMMITTER_EMAIL: 'mona@example.org',
};

/** Runs git in a folder, gives its trimmed stdout; throws with its stderr. */
export function git(folder, ...args) {
  const env = { ...process.env, ...CLEAN };
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) delete env[name];
  return execFileSync('git', ['-C', folder, ...args], { env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

/**
 * Makes origin and author clone below `folder`, with a first commit of `files`. `clone(name)`
 * makes the VM's work tree (`depth`: a shallow one). Names of folders matter to compose: a
 * project is named after its folder.
 */
export function makeRepository(folder, files) {
  const origin = join(folder, 'origin.git');
  const author = join(folder, 'author');
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '-q', '-b', 'main', author);
  const repository = repositoryAt(origin, author);
  repository.first = repository.commit({ files, message: 'First version' });
  git(folder, 'clone', '-q', '--bare', author, origin);
  git(origin, 'remote', 'remove', 'origin');
  git(author, 'remote', 'add', 'origin', origin);
  repository.clone = (at, { depth } = {}) => cloneTo(origin, at, depth);
  return repository;
}

function repositoryAt(origin, author) {
  return {
    origin,
    author,
    git: (...args) => git(author, ...args),
    commit: (change) => commit(author, change),
    push: (ref = 'HEAD:main', { force = false } = {}) =>
      void git(author, 'push', '-q', ...(force ? ['--force'] : []), 'origin', ref),
    revParse: (name = 'HEAD', at = author) => git(at, 'rev-parse', '--verify', name),
    /** Drops the last `count` commits from the branch, at the origin too. */
    rewind(count = 1) {
      git(author, 'reset', '-q', '--hard', `HEAD~${count}`);
      this.push('HEAD:main', { force: true });
    },
    /** A commit that is in the origin's store but not on main (as a fork's commit would be). */
    stray({ files, message = 'A stray commit' }) {
      const back = git(author, 'rev-parse', 'HEAD');
      const sha = commit(author, { files, message });
      git(author, 'push', '-q', 'origin', `${sha}:refs/heads/stray-${sha.slice(0, 7)}`);
      git(author, 'reset', '-q', '--hard', back);
      return sha;
    },
    /** Commits and pushes in one go. */
    publish(change) {
      const sha = this.commit(change);
      this.push();
      return sha;
    },
  };
}

// A file whose text is null is removed.
function commit(author, { files = {}, message = 'A change' }) {
  for (const [name, text] of Object.entries(files)) {
    const path = join(author, name);
    mkdirSync(dirname(path), { recursive: true });
    if (text === null) rmSync(path, { force: true });
    else writeFileSync(path, text);
  }
  git(author, 'add', '-A');
  git(author, 'commit', '-q', '--allow-empty', '-m', message);
  return git(author, 'rev-parse', 'HEAD');
}

// file:// rather than a path: git ignores --depth on a local path.
function cloneTo(origin, at, depth) {
  mkdirSync(dirname(at), { recursive: true });
  const shallow = depth ? ['--depth', String(depth)] : [];
  git(dirname(at), 'clone', '-q', ...shallow, `file://${origin}`, at);
  return at;
}
