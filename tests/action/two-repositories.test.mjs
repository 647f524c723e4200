// Two repositories whose sites are on one machine and share the folder of state: who looks at all of them, looks at its
// own, and says what it leaves out.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { appFiles } from '../world/app.mjs';
import { git, makeRepository } from '../world/git.mjs';
import { says, startSite } from '../world/site.mjs';
import { deploy, inWorld, serves, texts, validated } from './support.mjs';

const NOTHING = Object.fromEntries(['environment', 'app-path', 'compose-file', 'url', 'watch', 'ci-timeout', 'on-timeout'].map((name) => [name, null]));
const asBlog = (world, mode, inputs = {}) => world.runAction({
  mode, sha: 'b'.repeat(40), inputs: { ...NOTHING, ...inputs }, env: { GITHUB_REPOSITORY: 'octo/blog' },
  event: { name: 'schedule', payload: { repository: { full_name: 'octo/blog', private: false } } },
});

test('nobody else\'s CI decides on an environment, and nobody else\'s channel hears of it', () => inWorld({ inputs: { environment: 'shop', watch: 'event', 'ci-timeout': '1ms', 'on-timeout': 'rollback' } }, async (world) => {
  await validated(world, 2);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  git(world.vm, 'remote', 'set-url', 'origin', 'https://github.com/octo/shop.git');
  const told = texts(world).length;
  const config = join(world.root, 'blog.yml');
  writeFileSync(config, `environments:\n  blog: { app-path: '${join(world.root, 'blog')}', url: 'http://127.0.0.1:1/' }\n`);
  const seen = await asBlog(world, 'status', { config });
  assert.match(seen.log, /shop is left out: it is deployed from octo\/shop/);
  assert.doesNotMatch(seen.stdout, new RegExp(sha.slice(0, 7)));
  // Where nothing is its own, it is the same repository under another name, or one that looks at all there is.
  const all = await asBlog(world, 'status', { 'dry-run': 'true' });
  assert.doesNotMatch(all.log, /left out/);
  assert.deepEqual([world.checkedOut(), texts(world).length], [sha, told]);
  await serves(world, 3);
}));

test('a state that is another application\'s is not taken for one\'s own', () => inWorld({}, async (world) => {
  await validated(world, 2);
  const other = makeRepository(join(world.root, 'git-blog'), appFiles({ version: 1, port: 1 }));
  const clone = join(world.root, 'blog');
  other.clone(clone);
  const site = await startSite({ answer: says(200, 'blog') });
  const own = { environment: 'preprod', 'app-path': clone, url: site.url };
  const seen = await asBlog(world, 'status', own);
  assert.match(seen.log + seen.stdout, new RegExp(`${world.vm}`), 'whose state it is');
  assert.equal((await asBlog(world, 'doctor', own)).exit, 1, 'as a deploy is refused');
  assert.equal((await asBlog(world, 'deploy', own)).exit, 1);
  await site.close();
}));
