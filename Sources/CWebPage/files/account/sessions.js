// Where one is signed in, and the way to end it.

import { button, fill, h, icon } from '../dom/build.js';
import { confirm } from '../dom/dialog.js';
import { notify } from '../dom/notices.js';
import { ago, problemText, t } from '../words/words.js';

export function sessions({ api }) {
  const list = h('ul', { class: 'boxed' });
  const others = button(t('endOthers'), () => endOthers(), 'plain', { hidden: true });
  const more = button(t('showMore'), () => load(next), 'quiet', { hidden: true });
  let next = null;
  let shown = [];

  const load = async (cursor) => {
    try {
      const page = await api.get('/api/users/me/sessions', { limit: 20, cursor });
      next = page.next;
      shown = cursor ? [...shown, ...page.items] : page.items;
      draw();
    } catch (error) {
      fill(list, h('li', {}, h('p', { class: 'fault' }, problemText(error))));
    }
  };
  const draw = () => {
    fill(list, shown.map((session) => row(session, () => end(session))));
    others.hidden = shown.length < 2;
    more.hidden = next === null;
  };
  const end = async (session) => {
    try {
      await api.delete(`/api/users/me/sessions/${session.id}`);
      shown = shown.filter((each) => each !== session);
      draw();
    } catch (error) {
      notify(problemText(error), 'bad');
    }
  };
  const endOthers = async () => {
    if (!(await confirm({ title: t('endOthers'), text: t('endOthersText'), act: t('end') }))) return;
    try {
      await api.delete('/api/users/me/sessions');
      await load();
    } catch (error) {
      notify(problemText(error), 'bad');
    }
  };
  load();
  return h('section', { class: 'section' }, h('h3', {}, t('sessions')), h('p', { class: 'hint' }, t('sessionsHint')),
    list, h('div', { class: 'acts' }, others, more));
}

function row(session, end) {
  const seen = session.current ? t('thisDevice') : session.online ? t('online') : ago(session.lastSeenAt);
  return h('li', {}, icon('device'),
    h('div', { class: 'row-words' },
      h('span', { class: 'one-line' }, session.device || t('unknownDevice')),
      h('span', { class: 'soft small-text one-line' }, [session.address, seen].filter(Boolean).join(' · '))),
    session.current ? h('span', { class: 'tag good' }, t('current'))
      : button(t('end'), end, 'quiet', { 'aria-label': t('endSession', { name: session.device || t('unknownDevice') }) }));
}
