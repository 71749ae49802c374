// One display on a page of its own. The page itself needs no login. Its data arrives over the editor's connection, with
// the login that this browser has in the editor.
import { Displays, describe, nameOf } from './displays.js';
import { Matrix } from './matrix.js';

const RETRY_MS = 2000;

/** The editor's address. */
const EDITOR = new URL('../../../', import.meta.url);
/** The key in localStorage of the editor's login. */
const LOGIN = `auth-tokens${EDITOR.pathname.slice(0, -1).replaceAll('/', '-')}`;
/** The topic for the state of the flows. Subscribed to after the displays, it arrives once all of them are known. */
const RUNTIME = 'notification/runtime-state';

let socket;
const displays = new Displays((data) => socket.send(JSON.stringify({ topic: 'sense-led/watch', data })));
const matrix = new Matrix('svg');
const message = document.querySelector('p');
let catalogues = [];

/** Looks up a text in the catalogue, as `RED._` does in the editor. */
function text(key, values = {}) {
  const texts = catalogues.map((catalogue) => key.split('.').reduce((node, part) => node?.[part], catalogue));
  const template = texts.find((candidate) => typeof candidate === 'string') ?? key;
  return template.replace(/__(\w+)__/g, (whole, name) => values[name] ?? whole);
}

async function loadTexts() {
  const languages = [localStorage.getItem('editor-language') || navigator.language, 'en-US'];
  const load = async (language) => {
    const url = new URL(`locales/@natshat/node-red/sense-led?lng=${encodeURIComponent(language)}`, EDITOR);
    return (await fetch(url)).json();
  };
  catalogues = await Promise.all(languages.map(load));
  document.documentElement.lang = catalogues[0].panel ? languages[0] : 'en';
}

/** Shows the matrix, or a sentence instead of it. */
function show(sentence) {
  matrix.element.toggleAttribute('hidden', sentence !== undefined);
  message.hidden = sentence === undefined;
  message.textContent = sentence ?? '';
}

/** The display that the address names, or else the first one. */
function chosen() {
  const key = location.hash.slice(1);
  return displays.all.find((display) => key === '' || display.key === key);
}

function update() {
  const display = chosen();
  displays.watch('page', display ? [display] : []);
  if (!display) return show(text('projector.missing'));
  document.title = nameOf(display, text);
  matrix.label = describe(display, text);
  matrix.paint(display.colors);
  show();
}

function onMessage(topic, data) {
  if (topic.startsWith('sense-led/')) displays.receive(topic, data);
  if (topic === RUNTIME) update();
}

/**
 * Connects as the editor does, and resolves with the reason when the connection ends. If a login is needed and missing,
 * Node-RED refuses the settings; if none is needed, the settings name no user.
 */
async function connect() {
  const { access_token: token } = JSON.parse(localStorage.getItem(LOGIN)) ?? {};
  const headers = { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const settings = await fetch(new URL('settings', EDITOR), { headers, cache: 'no-store' });
  if (settings.status === 401) return text('projector.login');
  if (!settings.ok) return text('projector.unanswered');
  const { user } = await settings.json();
  if (catalogues.length === 0) await loadTexts();
  displays.clear();
  return listen(user && !user.anonymous ? token : undefined);
}

function listen(token) {
  return new Promise((resolve) => {
    const url = new URL('comms', EDITOR);
    url.protocol = url.protocol.replace('http', 'ws');
    socket = new WebSocket(url);
    let reason = 'projector.unanswered';
    const subscribe = () => {
      for (const topic of ['sense-led/#', RUNTIME]) socket.send(JSON.stringify({ subscribe: topic }));
    };
    socket.onopen = () => (token ? socket.send(JSON.stringify({ auth: token })) : subscribe());
    socket.onmessage = ({ data }) => {
      const received = JSON.parse(data);
      if (received.auth === 'ok') subscribe();
      else if (received.auth === 'fail') reason = 'projector.login';
      else for (const { topic, data } of received) onMessage(topic, data);
    };
    socket.onclose = () => resolve(text(reason));
  });
}

async function keepConnected() {
  const sentence = await connect().catch(() => text('projector.unanswered'));
  displays.clear();
  show(sentence);
  setTimeout(keepConnected, RETRY_MS);
}

document.body.prepend(matrix.element);
for (const type of ['state', 'frame', 'gone']) displays.addEventListener(type, update);
addEventListener('hashchange', update);
await loadTexts().catch(() => {});
show(text('common.connecting'));
keepConnected();
