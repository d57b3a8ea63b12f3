// Links to files: gathered, remembered, and asked for again before they end.
import assert from 'node:assert/strict';
import test from 'node:test';
import { FileLinks } from '../../Sources/CWebPage/files/files/links.js';

globalThis.location = { href: 'https://chat.example.org/' };

/** A server that knows some files, and what it was asked. */
function server(known, lifetime = 600_000) {
  const asked = [];
  return {
    asked, known,
    async post(path, { files }) {
      asked.push(files);
      if (known === null) throw new Error('nobody answers');
      const expiresAt = new Date(Date.now() + lifetime).toISOString();
      const items = files.filter((id) => known.has(id)).map((id) => ({ id, url: `http://elsewhere:1/d/${id}/a.png`, expiresAt }));
      return { items, next: null };
    },
  };
}

test('A5 links that are wanted together are asked for together, and once', async () => {
  const api = server(new Set(['a', 'b']));
  const links = new FileLinks(api);
  const [one, other, again] = await Promise.all([links.fresh('a'), links.fresh('b'), links.fresh('a')]);
  assert.deepEqual(api.asked, [['a', 'b']]);
  assert.equal(one, again);
  // Where the page was loaded from, whatever the server calls itself.
  assert.equal(one.url, '/d/a/a.png');
  assert.equal(await links.fresh('b'), other);
  assert.equal(api.asked.length, 1);
  assert.equal(links.good('a'), one);
});

test('A5 more files than one request takes are asked for in several', async () => {
  const ids = Array.from({ length: 230 }, (_, at) => `file${at}`);
  const api = server(new Set(ids));
  const links = new FileLinks(api);
  await Promise.all(ids.map((id) => links.fresh(id)));
  assert.deepEqual(api.asked.map((each) => each.length), [100, 100, 30]);
});

test('A5 what one may not see is nothing, and is not asked for again by every drawing', async () => {
  const api = server(new Set());
  const links = new FileLinks(api);
  assert.equal(await links.fresh('gone'), null);
  assert.equal(await links.fresh('gone'), null);
  assert.equal(api.asked.length, 1);
});

test('A5 a link that is about to end is asked for anew', async () => {
  const api = server(new Set(['a']), 10_000);
  const links = new FileLinks(api);
  // It came too late to be of use, so it counts as none for now.
  assert.equal(await links.fresh('a'), null);
  assert.equal(links.good('a'), undefined);
});

test('A5 who asks hears when nobody answers, and may ask again', async () => {
  const api = server(null);
  const links = new FileLinks(api);
  await assert.rejects(links.fresh('a'));
  await assert.rejects(links.fresh('a'));
  assert.equal(api.asked.length, 2);
});
