// Both languages say everything that the page asks for.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { english } from '../../Sources/CWebPage/files/words/english.js';
import { russian } from '../../Sources/CWebPage/files/words/russian.js';

const root = new URL('../../Sources/CWebPage/files/', import.meta.url);
const sources = readdirSync(root, { recursive: true }).filter((name) => name.endsWith('.js') && !/words\/(english|russian)/.test(name))
  .map((name) => readFileSync(new URL(name, root), 'utf8')).join('\n');

const marks = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
const forms = (entry) => (typeof entry === 'object' ? Object.values(entry) : [entry]);

test('I1 English and Russian have the same words', () => {
  assert.deepEqual(Object.keys(russian).sort(), Object.keys(english).sort());
});

test('I1 what stands in braces is the same in both', () => {
  for (const name of Object.keys(english)) {
    const all = (entry) => [...new Set(forms(entry).flatMap(marks))].filter((mark) => mark !== '{n}').sort();
    assert.deepEqual(all(russian[name]), all(english[name]), name);
  }
});

test('I1 numbers have all the forms that Russian needs', () => {
  for (const [name, entry] of Object.entries(english)) {
    if (typeof entry !== 'object') continue;
    assert.deepEqual(Object.keys(entry).sort(), ['one', 'other'], name);
    assert.deepEqual(Object.keys(russian[name]).sort(), ['few', 'many', 'one', 'other'], name);
  }
});

test('I1 every word that the page names is there', () => {
  for (const [, name] of sources.matchAll(/\bt\('([\w.]+)'/g)) assert.ok(name in english, name);
});

test('I1 no word is left over', () => {
  const built = [...sources.matchAll(/`([\w.]+)\$\{/g)].map(([, start]) => start).filter((start) => start.endsWith('.'));
  for (const name of Object.keys(english)) {
    const isNamed = sources.includes(`'${name}'`) || built.some((start) => name.startsWith(start))
      || /^(size|problem)\./.test(name) || (/^admin\.\w+Text$/.test(name));
    assert.ok(isNamed, name);
  }
});
