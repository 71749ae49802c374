// Checks of fields: true, or why a value is invalid. A variable is valid.
import { isOpen, isVariable, objectIn } from '../dialogs.js';
import { text } from './text.js';

// The same rules as in lib/nats/message/subject.ts.
const TERM = '[^.*>\\s\\p{Cc}]+';
const PUBLISH = new RegExp(`^${TERM}(\\.${TERM})*$`, 'u');
const SUBSCRIBE = new RegExp(`^(>|(\\*|${TERM})(\\.(\\*|${TERM}))*(\\.>)?)$`, 'u');

// The same rules as in lib/nats/jetstream/kv/key.ts.
const PART = '[-/_=a-zA-Z0-9]+';
const KEY = new RegExp(`^${PART}(\\.${PART})*$`);
const KEYS = new RegExp(`^(>|(\\*|${PART})(\\.(\\*|${PART}))*(\\.>)?)$`);

// The same rules as in lib/nats/services/service-settings.ts.
const NUMBER = '(0|[1-9]\\d*)';
const LABEL = '[0-9A-Za-z-]+';
const PRE_RELEASE = `(${NUMBER}|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PRE_RELEASE}(\\.${PRE_RELEASE})*)?(\\+${LABEL}(\\.${LABEL})*)?$`,
);

const RULES = {
  publish: PUBLISH,
  subscribe: SUBSCRIBE,
  queue: PUBLISH,
  key: KEY,
  keys: KEYS,
  bucket: /^[-_a-zA-Z0-9]{1,252}$/,
  // The same rule as in lib/nats/jetstream/stream.ts.
  name: /^[^\s.*>/\\\p{Cc}]{1,255}$/u,
  token: /^[A-Za-z0-9_-]{1,255}$/,
  version: VERSION,
};

/** The parts of a list by comma or line. */
const listOf = (value) =>
  String(value ?? '')
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter(Boolean);

/** A subject, a queue group or a name, by one of the rules. */
export const check = (rule, value) => isVariable(value) || RULES[rule].test(value ?? '') || text(`invalid.${rule}`);

export function checkServers(value) {
  const urls = String(value)
    .split(/[\s,]+/)
    .filter(Boolean);
  const isServer = (url) => !url.includes('@') && /^((nats|tls):\/\/)?[^/:@]*[^/@]+\/?$/i.test(url);
  return (urls.length > 0 && urls.every((url) => url.includes('${') || isServer(url))) || text('invalid.servers');
}

export function checkSubjects(value) {
  if (isVariable(value)) return true;
  return listOf(value).every((subject) => SUBSCRIBE.test(subject)) || text('invalid.subscribe');
}

export function checkStreamSubjects(value) {
  if (listOf(value).some((subject) => ['*', '>', '*.>'].includes(subject))) return text('invalid.everything');
  return checkSubjects(value);
}

/** The key of an action; an empty one is that of the message. */
export const checkKey = (action, value) =>
  !value || check(action === 'keys' || action === 'msg' ? 'keys' : 'key', value);

/** A list of keys. */
export const checkKeys = (value) =>
  isVariable(value) || listOf(value).every((key) => KEYS.test(key)) || text('invalid.keys');

/** A date of ISO 8601, or a duration. */
export function checkSince(value) {
  const isDuration = /^\s*(\d+(\.\d+)?[smhd])+\s*$/.test(value);
  const isDate = /^\s*\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value));
  return isVariable(value) || isDuration || isDate || text('invalid.since');
}

/** A typed field, which may be JSON. */
export function checkJson(type, value) {
  if (type !== 'json' || !value || isVariable(value)) return true;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return text('invalid.json');
  }
}

/** The metadata of a service: a JSON object of strings. */
export function checkMetadata(value) {
  if (isOpen(value)) return true;
  const metadata = objectIn(value);
  const isValid = metadata && Object.values(metadata).every((entry) => typeof entry === 'string');
  return isValid || text('invalid.metadata');
}
