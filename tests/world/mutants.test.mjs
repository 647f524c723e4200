// The changes that break each rule on purpose are texts of the sources: one that is not there any more breaks nothing.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { changes } from '../mutants/changes.mjs';

const source = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test('each change that is to break a rule stands in the sources exactly once', () => {
  const edits = changes.flatMap(({ rule, edits: all }) => all.map((edit) => ({ rule, ...edit })));
  assert.ok(edits.length > 0);
  for (const { rule, file, before, after } of edits) {
    assert.equal(source(file).split(before).length, 2, `rule ${rule}, ${file}:\n${before}`);
    assert.notEqual(before, after);
  }
});
