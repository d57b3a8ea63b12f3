// The page's words in the reader's language, and how times and sizes are written.

import { Offline, Problem } from '../net/problem.js';
import { english } from './english.js';
import { russian } from './russian.js';

const tables = { en: english, ru: russian };
const key = 'chat.language';

let language = pick();
let plurals = new Intl.PluralRules(language);
let formats = makeFormats();

function pick() {
  const chosen = localStorage.getItem(key);
  if (chosen in tables) return chosen;
  return navigator.languages.map((each) => each.slice(0, 2)).find((each) => each in tables) ?? 'en';
}

export function currentLanguage() {
  return language;
}

/** Whether it is another than before. @param {'en'|'ru'} chosen */
export function setLanguage(chosen) {
  const isOther = chosen in tables && chosen !== language;
  localStorage.setItem(key, chosen);
  if (!isOther) return false;
  language = chosen;
  plurals = new Intl.PluralRules(language);
  formats = makeFormats();
  document.documentElement.lang = language;
  return true;
}

/**
 * Words by name; `{name}` stands for what is given. Where a number `n` decides the form, the table has several.
 * @param {string} name @param {Record<string, string|number>} [given]
 */
export function t(name, given = {}) {
  const entry = tables[language][name];
  const text = typeof entry === 'object' ? entry[plurals.select(Number(given.n))] ?? entry.other : entry;
  if (text === undefined) return name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in given ? String(given[key]) : whole));
}

/** What went wrong, for the one who reads. */
export function problemText(error) {
  if (error instanceof Offline) return t('problem.offline');
  if (!(error instanceof Problem)) return t('problem.other');
  if (error.status === 429) return t('problem.wait', { n: error.retryAfter ?? 60 });
  const known = `problem.${error.status}`;
  return known in tables[language] ? t(known) : t('problem.other');
}

// MARK: Times and sizes

function makeFormats() {
  // Of the reader's own kind of the language, where the browser says which: they differ in how times are written.
  const locale = navigator.languages.find((each) => each.startsWith(language)) ?? language;
  const format = (options) => new Intl.DateTimeFormat(locale, options);
  return {
    time: format({ hour: '2-digit', minute: '2-digit' }),
    weekday: format({ weekday: 'short' }),
    day: format({ day: 'numeric', month: 'long' }),
    dayAndYear: format({ day: 'numeric', month: 'long', year: 'numeric' }),
    short: format({ day: '2-digit', month: '2-digit', year: '2-digit' }),
    whole: format({ dateStyle: 'medium', timeStyle: 'short' }),
    relative: new Intl.RelativeTimeFormat(language, { numeric: 'auto' }),
    number: new Intl.NumberFormat(language),
    fraction: new Intl.NumberFormat(language, { maximumFractionDigits: 1 }),
  };
}

/** @param {string} moment RFC 3339. */
export const clockTime = (moment) => formats.time.format(new Date(moment));
export const wholeTime = (moment) => formats.whole.format(new Date(moment));
export const number = (value) => formats.number.format(value);

/** The day of a moment as a heading. */
export function dayName(moment, now = new Date()) {
  const date = new Date(moment);
  const days = daysBetween(date, now);
  if (days === 0 || days === 1) return capital(formats.relative.format(-days, 'day'));
  return (date.getFullYear() === now.getFullYear() ? formats.day : formats.dayAndYear).format(date);
}

/** A moment in a list: the time today, the day of the week, then the date. */
export function shortMoment(moment, now = new Date()) {
  const date = new Date(moment);
  const days = daysBetween(date, now);
  if (days <= 0) return formats.time.format(date);
  return days < 7 ? formats.weekday.format(date) : formats.short.format(date);
}

/** How long ago, roughly. */
export function ago(moment, now = Date.now()) {
  const minutes = Math.round((now - Date.parse(moment)) / 60_000);
  if (minutes < 1) return t('justNow');
  if (minutes < 60) return formats.relative.format(-minutes, 'minute');
  if (minutes < 48 * 60) return formats.relative.format(-Math.round(minutes / 60), 'hour');
  return formats.relative.format(-Math.round(minutes / 1440), 'day');
}

export function daysBetween(date, now) {
  const day = (each) => Date.UTC(each.getFullYear(), each.getMonth(), each.getDate()) / 86_400_000;
  return day(now) - day(date);
}

/** @param {number} bytes */
export function size(bytes) {
  const steps = ['B', 'kB', 'MB', 'GB'];
  let [value, step] = [bytes, 0];
  while (value >= 1000 && step < steps.length - 1) [value, step] = [value / 1000, step + 1];
  return `${formats.fraction.format(value)} ${t(`size.${steps[step]}`)}`;
}

function capital(text) {
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}
