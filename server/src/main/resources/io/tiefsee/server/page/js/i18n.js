// Texts in the reader's language, and numbers as that language writes them.
import de from './i18n/de.js';
import en from './i18n/en.js';

const LANGUAGES = { en, de };
const chosen = localStorage.getItem('tiefsee.language');

/** The language of the page: the chosen one, else the first of the browser's that there is, else English. */
export const language =
  chosen in LANGUAGES
    ? chosen
    : (navigator.languages.map((l) => l.slice(0, 2)).find((l) => l in LANGUAGES) ?? 'en');

/** The same with the reader's region, where the browser names one: dates and times depend on it. */
const locale = navigator.languages.find((l) => l.startsWith(language + '-')) ?? language;

document.documentElement.lang = language;

/** Names of the languages there are, by their codes. */
export const languages = { en: 'English', de: 'Deutsch' };

/** Stores the choice ('' for the browser's own) and shows the page in it. */
export function chooseLanguage(code) {
  localStorage.setItem('tiefsee.language', code);
  location.reload();
}

/** The text of a key; {name} is replaced by the value of that name. */
export function t(key, values = {}) {
  const text = LANGUAGES[language][key] ?? en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

const number = (options) => {
  const format = new Intl.NumberFormat(locale, options);
  return (value) => format.format(value);
};

/** A whole number. */
export const whole = number({ maximumFractionDigits: 0 });
/** Three significant digits. */
export const short = number({ maximumSignificantDigits: 3 });
export const percent = number({ style: 'percent', maximumFractionDigits: 1 });

const moneyFormats = new Map();

/** An amount of money; small ones keep two significant digits, zero is plain. */
export function money(amount, currency = 'EUR') {
  const small = Math.abs(amount) < 0.1 && amount !== 0;
  const key = currency + small;
  if (!moneyFormats.has(key)) {
    const digits = small ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 };
    moneyFormats.set(key, number({ style: 'currency', currency, ...digits }));
  }
  return moneyFormats.get(key)(amount);
}

/** 1.5 GB; decimal units. */
export function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = count > 0 ? Math.min(4, Math.floor(Math.log10(count) / 3)) : 0;
  return `${short(count / 1000 ** power)} ${units[power]}`;
}

/** 3.2 s, 2 min 05 s, 1 h 10 min. */
export function duration(seconds) {
  if (seconds < 10) {
    return `${number({ minimumFractionDigits: 1, maximumFractionDigits: 1 })(seconds)} s`;
  }
  const s = Math.round(seconds);
  if (s < 60) {
    return `${s} s`;
  }
  if (s < 3600) {
    return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  }
  return `${Math.floor(s / 3600)} h ${String(Math.floor(s / 60) % 60).padStart(2, '0')} min`;
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

/** "today", "yesterday", "3 days ago", or a date. */
export function day(milliseconds) {
  const midnight = new Date().setHours(0, 0, 0, 0);
  const days = Math.floor((midnight - new Date(milliseconds).setHours(0, 0, 0, 0)) / 86400000 + 0.5);
  return days < 7
    ? relative.format(-days, 'day')
    : new Date(milliseconds).toLocaleDateString(locale, { month: 'long', year: 'numeric' });
}

/** Date and time of an instant. */
export function time(instant) {
  return new Date(instant).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });
}

/** The time of day of an instant, to the second. */
export function clock(instant) {
  return new Date(instant).toLocaleTimeString(locale);
}
