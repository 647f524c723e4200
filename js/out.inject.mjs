// The build puts this in the place of `process.stdout` in @actions/core: see out.js.
export { stdout } from './out.js';
