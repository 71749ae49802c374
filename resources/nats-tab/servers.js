// The servers of the running flows, and their view.
import { ask, Polling, text } from './ask.js';
import { bytes, number, row } from './elements.js';

const PERIOD_MS = 1000;

/** The servers, asked for while the tab is in sight; events: `servers`, and `chosen` when another one is looked at. */
export class Servers extends EventTarget {
  list = [];
  /** The id of the one that is looked at. */
  chosen;
  trouble = '';
  #polling = new Polling((isCurrent) => this.#refresh(isCurrent), PERIOD_MS);
  /** The last traffic of each, to tell rates. */
  #before = new Map();

  setSeen(isSeen) {
    this.#polling.toggle(isSeen);
  }

  choose(id) {
    if (id === this.chosen) return;
    this.chosen = id;
    this.dispatchEvent(new CustomEvent('chosen'));
  }

  async #refresh(isCurrent) {
    try {
      const { servers, at } = await ask('servers');
      if (!isCurrent()) return;
      this.trouble = '';
      this.list = servers.map((server) => ({ ...server, rates: this.#ratesOf(server, at) }));
      this.#before = new Map(servers.map(({ id, traffic }) => [id, { traffic, at }]));
    } catch ({ message }) {
      if (!isCurrent()) return;
      this.trouble = message;
      this.list = [];
    }
    if (!this.list.some(({ id }) => id === this.chosen)) this.choose(this.list[0]?.id);
    this.dispatchEvent(new CustomEvent('servers'));
  }

  /** Messages and bytes a second in each direction since the last time; `undefined` at first. */
  #ratesOf({ id, traffic }, at) {
    const before = this.#before.get(id);
    if (!before?.traffic || !traffic) return undefined;
    const seconds = (at - before.at) / 1000;
    const rate = (name) => Math.max(0, (traffic[name] - before.traffic[name]) / seconds);
    return Object.fromEntries(Object.keys(traffic).map((name) => [name, rate(name)]));
  }
}

/** The lines about a server. */
function linesOf({ server, version, roundTripMs, rates, held, error }) {
  const lines = [];
  if (error) lines.push(error);
  if (server) lines.push(text('panel.version', { server, version }));
  if (roundTripMs !== undefined) lines.push(text('panel.roundTrip', { ms: number(roundTripMs) }));
  if (rates) {
    const { inMessages, outMessages, inBytes, outBytes } = rates;
    lines.push(text('panel.in', { messages: number(Math.round(inMessages)), bytes: bytes(Math.round(inBytes)) }));
    lines.push(text('panel.out', { messages: number(Math.round(outMessages)), bytes: bytes(Math.round(outBytes)) }));
  }
  if (held.messages > 0) lines.push(text('panel.held', { messages: number(held.messages), bytes: bytes(held.bytes) }));
  return lines;
}

/** The view of all servers. */
export function createServers(servers) {
  const list = $('<ul class="nats-tab-list">');
  const none = $('<p class="nats-tab-none">');
  const cards = new Map();
  const cardOf = (id) => {
    const known = cards.get(id);
    if (known) return known;
    const [state, name, lines] = [$('<span class="nats-tab-state">'), $('<strong>'), $('<div class="nats-tab-lines">')];
    const card = { element: $('<li>').append(row(state, name), lines), state, name, lines };
    cards.set(id, card);
    return card;
  };
  servers.addEventListener('servers', () => {
    const ids = servers.list.map(({ id }) => id);
    for (const [id, { element }] of cards) {
      if (ids.includes(id)) continue;
      element.remove();
      cards.delete(id);
    }
    for (const server of servers.list) {
      const { element, state, name, lines } = cardOf(server.id);
      if (!element[0].isConnected || element.parent().length === 0) list.append(element);
      state.attr('data-state', server.state).text(text(`panel.state.${server.state}`));
      name.text(server.name);
      lines.text(linesOf(server).join('\n'));
    }
    none.text(servers.trouble || text('panel.noServer')).toggle(ids.length === 0);
  });
  return { content: [list, none], setSeen() {} };
}

/** The choice of a server for the other views, which is there if there are several. */
export function createServerChoice(servers) {
  const select = $('<select class="nats-tab-server">').attr('aria-label', text('common.server'));
  let offered;
  select.on('change', () => servers.choose(select.val()));
  servers.addEventListener('servers', () => {
    const options = servers.list.map(({ id, name }) => [id, name]);
    // An unchanged list is left alone, because it may be open.
    if (JSON.stringify(options) !== offered) {
      offered = JSON.stringify(options);
      select.html(options.map(([id, name]) => $('<option>').val(id).text(name)));
    }
    select.val(servers.chosen).toggle(options.length > 1);
  });
  return select.hide();
}
