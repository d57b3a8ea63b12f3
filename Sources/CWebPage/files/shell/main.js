// Begins: shows the door or the chats, and goes from one to the other.

import { applyTheme } from '../account/appearance.js';
import { door } from '../account/door.js';
import { fill } from '../dom/build.js';
import { mountNotices } from '../dom/notices.js';
import { FileLinks } from '../files/links.js';
import { Trays } from '../files/trays.js';
import { Uploader } from '../files/upload.js';
import { Api, request } from '../net/api.js';
import { SessionKeeper } from '../net/sessionKeeper.js';
import { Frame } from './frame.js';
import { Notifications } from './notifications.js';
import { go } from './router.js';
import { Chat } from '../store/chat.js';
import { KeptBox } from '../store/keptBox.js';
import { currentLanguage, setLanguage, t } from '../words/words.js';

const root = document.getElementById('root');
const keeper = new SessionKeeper((refreshToken) => request('POST', '/api/auth/refresh', { body: { refreshToken } }));
const api = new Api(keeper);

/** What there is while somebody is signed in. */
let open = null;

function showDoor(notice) {
  leave();
  fill(root, door({ notice, onSignedIn: (answer) => keeper.begin(answer) }));
}

function enter() {
  leave();
  setLanguage(keeper.user.language);
  const chat = new Chat(api, keeper);
  const notifications = new Notifications((id) => go(`/c/${id}`));
  open = {
    chat, notifications, frame: null,
    parts: {
      api, keeper, chat, notifications, links: new FileLinks(api), trays: new Trays(new Uploader(api)), signOut, redraw,
    },
  };
  redraw();
  notifications.follow(chat);
  chat.start();
}

/** Draws everything anew: the language is another, or the name. */
function redraw() {
  open.frame?.destroy();
  open.frame = new Frame(open.parts);
  fill(root, open.frame.element);
}

function leave() {
  open?.frame?.destroy();
  open?.notifications.stop();
  open?.parts.trays.destroy();
  open?.chat.stop();
  open = null;
}

/** The server may not answer; on this device it is over in any case. */
async function signOut() {
  const token = await keeper.token().catch(() => null);
  KeptBox.clear(keeper.user?.id, localStorage);
  keeper.end();
  if (token) await request('POST', '/api/auth/logout', { token }).catch(() => {});
}

keeper.on('changed', ({ isNewUser }) => {
  if (isNewUser || !open) enter();
});
keeper.on('ended', () => showDoor(t('signedOut')));
document.addEventListener('visibilitychange', () => {
  if (open?.chat.socket.state === 'connected') open.chat.setAway(document.hidden);
});

document.documentElement.lang = currentLanguage();
applyTheme();
mountNotices(document.body);
if (keeper.isSignedIn) enter(); else showDoor();
