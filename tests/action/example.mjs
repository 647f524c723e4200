// What the example's scenarios share: what GitHub does at a push and at the end of CI, changes of the app
// in a word, and what is asserted again and again.
import assert from 'node:assert/strict';
import { ensureEngine } from '../world/engine.mjs';
import { pushEvent } from '../world/event.mjs';
import { withExample } from '../world/example.mjs';
import { noAct, runWorkflow, uvState } from '../world/example/act.mjs';
import { ciEnded } from '../world/scenario.mjs';
import { noLeakIn } from './secrecy.mjs';

const engine = await ensureEngine();
const uv = engine.v2 ? uvState() : {};
/** Why the scenarios cannot run here; false where they can. */
export const skip = [noAct, !engine.v2 && 'no engine with Compose v2 answers here', uv.missing].find(Boolean) ?? false;
const RECIPES = '10_preprod/src/recettes.py';
const APP = '10_preprod/src/app.py';

/** A world of the example, taken down whatever happens, and looked through for secrets before. */
export const inExample = (work) => withExample(async (world) => {
  await work(Object.assign(world, { uv }));
  noLeakIn(world);
});

/** Pushes a change, and runs what the push starts: the deploy, then CI. Gives {sha, ci}. */
export async function pushed(world, message, files) {
  const sha = world.push(message, files);
  const payload = pushEvent({ full: world.github.full, sha, message });
  const deployed = await runWorkflow(world, { workflow: 'cd-preprod.yml', sha, payload });
  assert.equal(deployed.conclusion, 'success', deployed.text);
  await shows(world, 'preprod', sha);
  const ci = await runWorkflow(world, { workflow: 'ci.yml', sha, payload });
  return { sha, ci };
}

/** What GitHub starts at the end of CI. */
export const settled = (world, { sha, ci }) => runWorkflow(world, {
  workflow: 'cd-preprod.yml', event: 'workflow_run', sha, payload: ciEnded(world, { sha, conclusion: ci.conclusion }, { id: ci.run }).payload,
});

/** A commit that went all the way: live in preprod, its CI green, validated. */
export async function validated(world, message = 'feat: une recette', files = renamed(world, 'Blanquette de veau')) {
  const release = await pushed(world, message, files);
  assert.equal(release.ci.conclusion, 'success', release.ci.text);
  const { conclusion, text } = await settled(world, release);
  assert.equal(conclusion, 'success', text);
  assert.equal(world.point('preprod'), release.sha, text);
  return release;
}

/** Another recipe's name. */
export const renamed = (world, name) => ({ [RECIPES]: world.files[RECIPES].replace('Blanquette', name) });
/** A mistake that the tests find. */
export const wrong = (world) => ({ [RECIPES]: world.files[RECIPES].replace('len(notes), 1)', 'len(notes), 0)') });

/** What only production has; git knows nothing of it. */
export const NOTES = '20_prod/notes.txt';
const SCRIPT = '70_scripts/deploy_preprod_to_prod.sh';

/**
 * A version that is fine in preprod, and that no test finds fault with; in production it does not start,
 * and its script takes away what only production has.
 */
export const brokenInProduction = (world) => ({
  [APP]: world.files[APP].replace('    signal.signal(', '    if os.environ.get("SITE") == "PRODUCTION":\n        sys.exit(3)\n    signal.signal('),
  [SCRIPT]: `${world.files[SCRIPT]}rm -f ${NOTES}\n`,
});

/** The page of a site names this commit. */
export async function shows(world, site, sha) {
  const { status, body } = await world.page(site);
  assert.equal(status, 200);
  assert.match(body, new RegExp(`Mangetamain ${sha.slice(0, 7)}`));
}

/** The first message that says so, as it was posted or edited. */
export const messageOf = (world, pattern) => world.discord.news.find(({ text }) => pattern.test(text));

