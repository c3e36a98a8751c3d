import { Formats } from './formats.js';
import { messagesFor } from './messages.js';

/** The visitor's own locale, fixed for the life of the page: the texts and the formats of this visit. */
export const locale = navigator.language || 'en';
export const t = messagesFor(locale);
export const formats = new Formats(locale);
