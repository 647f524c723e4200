// The documents of this project, and what stands in them, for the tests that hold them against the product.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lint.mjs';

const inDocs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).sort().map((name) => `docs/${name}`);
export const DOCUMENTS = ['README.md', 'README.fr.md', ...inDocs, 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'tests/README.md', 'examples/mangetamain/README.md'];
/** What the command is installed of. A test installs it so; `github:` would run a second npm, and leave no command. */
export const ARCHIVE = 'https://github.com/org/mangetamain-deploy/archive/refs/tags/v1.tar.gz';
export const textOf = (document) => readFileSync(join(ROOT, document), 'utf8');

/** Words in code outside of blocks, in the order of the text. */
export const codeOf = (document) => [...textOf(document).replace(/^( *)```[^]*?^\1```$/gm, '').matchAll(/(?<!`)(`+)(?!`)([^]+?)(?<!`)\1(?!`)/g)].map(([, , code]) => code.replace(/\s+/g, ' '));

/** Blocks of YAML with the file that each names in its first line: [{document, file, text}]. */
export const yamlOf = (document) =>
  [...textOf(document).matchAll(/^```yaml\n# ([^\s,]+).*\n([^]*?)^```$/gm)].map(([, file, text]) => ({ document, file, text }));
