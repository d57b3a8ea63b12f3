// What the address names.
import assert from 'node:assert/strict';
import test from 'node:test';
import { routeOf } from '../../Sources/CWebPage/files/shell/router.js';

const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

test('I1 an address names a page, and what is none names the chats', () => {
  assert.deepEqual(routeOf(''), { page: 'chats' });
  assert.deepEqual(routeOf(`#/c/${id}`), { page: 'chats', id });
  assert.deepEqual(routeOf('#/c/__proto__'), { page: 'chats' });
  assert.deepEqual(routeOf('#/settings'), { page: 'settings' });
  assert.deepEqual(routeOf('#/admin'), { page: 'admin', id: 'users' });
  assert.deepEqual(routeOf('#/admin/archives'), { page: 'admin', id: 'archives' });
  assert.deepEqual(routeOf(`#/admin/archives/${id}`), { page: 'admin', id: 'archives', item: id });
  assert.deepEqual(routeOf('#/admin/archives/../x'), { page: 'admin', id: 'archives' });
  assert.deepEqual(routeOf('#/admin/<b>'), { page: 'admin', id: 'users' });
});
