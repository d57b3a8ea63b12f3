// Where one writes: text, answers, edits, files.

import { fill, h, icon, iconButton } from '../dom/build.js';
import { notify } from '../dom/notices.js';
import { problemText, t } from '../words/words.js';
import { bodyLine } from './conversationWords.js';
import { takeDrops, takePastes } from './drops.js';

/** The server's limit, in bytes of UTF-8. */
const textLimitBytes = 64 * 1024;

/** The field, its tray of files, and the note above it of what is answered or edited. */
export class Composer {
  #replyTo = null;
  #editing = null;
  #draftBeforeEdit = '';
  #ends = [];

  /**
   * @param {{id: string, chat: any, trays: import('../files/trays.js').Trays, newest: () => any, onSent: () => void,
   *   quotedName: (message: any) => string}} parts
   */
  constructor(parts) {
    Object.assign(this, parts);
    this.text = h('textarea', {
      rows: '1', placeholder: t('write'), 'aria-label': t('write'), enterkeyhint: 'send', dir: 'auto', maxlength: '65536',
      on: { keydown: (event) => this.#key(event), input: () => this.#typed() },
    });
    this.text.value = this.#storedDraft;
    this.picker = h('input', {
      type: 'file', multiple: true, hidden: true, tabindex: '-1', 'aria-hidden': 'true',
      on: { change: () => this.#picked() },
    });
    this.tray = parts.trays.of(parts.id, () => this.#drawSend());
    this.note = h('div', { hidden: true });
    this.attach = iconButton('attach', t('attach'), () => this.picker.click());
    this.send = iconButton('send', t('send'), () => this.#submit(), { class: 'filled' });
    this.element = h('div', { class: 'composer' }, this.note, this.tray.element,
      h('div', { class: 'composer-line' }, this.attach, this.picker, this.text, this.send));
    this.#ends.push(takePastes(this.text, (files) => this.#addFiles(files)));
    this.#grow();
    this.#drawSend();
  }

  destroy() {
    for (const end of this.#ends) end();
    if (!this.#editing) this.#storeDraft(this.text.value);
    this.trays.leave(this.id);
  }

  focus() { this.text.focus({ preventScroll: true }); }

  /** Files that are dropped on the whole conversation are taken. */
  takeDropsOf(element) {
    this.#ends.push(takeDrops(element, (files) => this.#addFiles(files)));
  }

  reply(message) {
    if (this.#editing) this.#leaveEdit();
    this.#replyTo = message.seq;
    this.#drawNote('reply', this.quotedName(message), bodyLine(message));
    this.focus();
  }

  edit(message) {
    if (!this.#editing) this.#draftBeforeEdit = this.text.value;
    this.#editing = message;
    this.#replyTo = null;
    this.text.value = message.text ?? '';
    this.#drawNote('edit', t('editing'), bodyLine(message));
    this.#changed();
    this.focus();
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  // MARK: What is pressed

  #key(event) {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !isTouch()) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === 'Escape' && (this.#editing || this.#replyTo !== null)) {
      event.preventDefault();
      this.#leave();
    } else if (event.key === 'ArrowUp' && this.text.value === '' && !this.#editing) {
      const message = this.newest();
      if (!message) return;
      event.preventDefault();
      this.edit(message);
    }
  }

  #typed() {
    this.#changed();
    if (this.text.value.trim() !== '' && !this.#editing) this.chat.typing(this.id);
    if (!this.#editing) this.#storeDraft(this.text.value);
  }

  #submit() {
    const text = this.text.value.trim();
    if (this.send.disabled) return;
    if (new TextEncoder().encode(text).length > textLimitBytes) return notify(t('tooLong'), 'bad');
    if (this.#editing) return this.#submitEdit(text);
    try {
      this.chat.send(this.id, {
        text: text === '' ? undefined : text, files: this.tray.take(), replyTo: this.#replyTo ?? undefined,
      });
    } catch (error) {
      return notify(problemText(error), 'bad');
    }
    this.text.value = '';
    this.#storeDraft('');
    this.#leave();
    this.onSent();
  }

  async #submitEdit(text) {
    const message = this.#editing;
    if (text === message.text) return this.#leaveEdit();
    this.send.disabled = true;
    try {
      await this.chat.edit(this.id, message.seq, text);
      if (this.#editing === message) this.#leaveEdit();
    } catch (error) {
      notify(problemText(error), 'bad');
    }
    this.#drawSend();
  }

  #leave() {
    if (this.#editing) return this.#leaveEdit();
    this.#replyTo = null;
    this.note.hidden = true;
    this.#changed();
  }

  #leaveEdit() {
    this.#editing = null;
    this.text.value = this.#draftBeforeEdit;
    this.note.hidden = true;
    this.#changed();
    this.focus();
  }

  // MARK: Files

  #picked() {
    this.#addFiles([...this.picker.files]);
    this.picker.value = '';
  }

  #addFiles(files) {
    if (this.#editing) return notify(t('noFilesInEdit'));
    this.tray.add(files);
    this.focus();
  }

  // MARK: Drawing

  #drawNote(sign, title, line) {
    this.note.className = 'composer-note';
    fill(this.note, icon(sign),
      h('div', {}, h('strong', { class: 'one-line' }, title), h('p', { class: 'soft one-line' }, line)),
      iconButton('close', t('cancel'), () => this.#leave()));
    this.note.hidden = false;
  }

  #changed() {
    this.#grow();
    this.#drawSend();
  }

  #drawSend() {
    const hasText = this.text.value.trim() !== '';
    this.send.disabled = this.#editing ? !hasText : this.tray.isBusy || (!hasText && !this.tray.hasFiles);
  }

  /** Browsers that do not know `field-sizing` are told the height. */
  #grow() {
    if (CSS.supports('field-sizing', 'content')) return;
    this.text.style.height = 'auto';
    this.text.style.height = `${this.text.scrollHeight}px`;
  }

  // MARK: Drafts

  get #draftKey() { return `chat.draft.${this.chat.me.id}.${this.id}`; }
  get #storedDraft() { return sessionStorage.getItem(this.#draftKey) ?? ''; }

  #storeDraft(text) {
    if (text.trim() === '') sessionStorage.removeItem(this.#draftKey);
    else sessionStorage.setItem(this.#draftKey, text);
  }
}

/** On a touch screen the key for a new line is needed for new lines. */
function isTouch() {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}
