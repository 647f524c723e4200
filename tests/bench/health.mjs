// `mode: health`: ten and a hundred targets against one, each answering after 300 ms, and an hourly job's two.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { withWorld } from '../world/scenario.mjs';
import { startSite } from '../world/site.mjs';
import { compared, inTurn, node, noted, times } from './table.mjs';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SLOW_MS = 300;

const slowly = (request, response) => {
  setTimeout(() => response.end('<title>Mangetamain</title>'), SLOW_MS);
};

/** Milliseconds of one run; the sites answer from this process, so it must not be blocked. */
async function took(program, args, env) {
  const began = process.hrtime.bigint();
  await run(program, args, { env });
  return Number(process.hrtime.bigint() - began) / 1e6;
}

export async function health() {
  await withWorld({ engine: 'none', running: false, witnessed: false }, async (world) => {
    const site = await startSite({ answer: slowly });
    try {
      const { NODE_EXTRA_CA_CERTS, ...env } = process.env;
      const checking = (name, targets, answer) => {
        const urls = Array.from({ length: targets }, (_, at) => `${site.url}${at}`).join('\n');
        const inputs = { INPUT_MODE: 'health', INPUT_ENVIRONMENT: name, 'INPUT_HEALTH-URL': urls, 'INPUT_STATE-DIR': world.stateDir };
        return () => {
          site.answer = answer;
          return took(node, [MAIN], { ...env, ...inputs });
        };
      };
      for (const targets of [10, 100]) {
        const all = await inTurn(times(15, 3), checking(`all-${targets}`, targets, slowly), checking('one', 1, slowly));
        const inARow = `one after the other: ${(SLOW_MS * targets) / 1000} s`;
        compared(`\`health\` of ${targets} targets that each answer after ${SLOW_MS} ms, against one of them (${inARow})`, { ...all, target: 1.5 });
      }
      const quick = (request, response) => response.end('<title>Mangetamain</title>');
      const pair = await inTurn(times(15, 3), checking('pair', 2, quick), () => took(node, ['-e', '0'], env));
      noted('`health` of two targets that answer at once, memory included, against `node -e 0`', `${pair.ours.toFixed(0)} ms`, `${pair.reference.toFixed(0)} ms`);
    } finally {
      await site.close();
    }
  });
}
