// The view that looks in: a live tail of a subject.

import { placeNode } from '../place-node.js';
import { ask, Polling, text } from './ask.js';
import { field, formChoice, iconButton, number, payloadOf, resultLine, row, timeOf } from './elements.js';
import { createPublishing } from './publishing.js';

const PERIOD_MS = 500;
/** No more are kept in the page. */
const MOST_ROWS = 200;

/** The view; it looks only while it is seen. */
export function createTail(servers) {
  const subject = field(text('common.subject')).val('>');
  const form = formChoice();
  // Not read out: it changes twice a second.
  const counts = $('<span class="nats-tab-note nats-tab-result">');
  const result = resultLine();
  const list = $('<ol class="nats-tab-list nats-tab-messages">');
  const button = iconButton('fa-play', text('panel.look'), () => (tail.isWanted ? stop() : start()), true);
  const clear = iconButton('fa-ban', text('panel.clear'), empty);
  const tail = { isWanted: false, isSeen: false, id: undefined, server: undefined };
  /** Messages that have arrived while the pointer was on the list. */
  const waiting = [];
  const polling = new Polling(read, PERIOD_MS);

  function empty() {
    waiting.length = 0;
    list.empty();
  }

  function rowOf(message) {
    const subscribe = iconButton('fa-plus', text('panel.subscribe'), (event) => {
      const server = servers.list.find(({ id }) => id === tail.server)?.alias ?? '';
      placeNode({ type: 'nats-subscribe', subject: message.subject, server }, event);
    });
    const head = row(
      $('<span class="nats-tab-time">').text(timeOf(message.time)),
      $('<span class="nats-tab-subject">').text(message.subject),
      subscribe,
    );
    const more = [message.reply && `${text('panel.reply')}: ${message.reply}`, message.headers].filter(Boolean);
    const details = more.length > 0 && $('<div class="nats-tab-note nats-tab-lines">').text(more.join('\n'));
    return $('<li>').append(head, payloadOf(message), details);
  }

  /** Under the pointer nothing moves, so that what is there can be clicked. */
  function showWaiting() {
    if (list[0].matches(':hover')) return;
    list.prepend(waiting.splice(0).reverse().map(rowOf));
    list.children().slice(MOST_ROWS).remove();
  }

  function show({ messages, received, skipped, leftMs, trouble }) {
    waiting.push(...messages);
    waiting.splice(0, waiting.length - MOST_ROWS);
    if (waiting.length > 0) showWaiting();
    const count = text('panel.received', { received: number(received), skipped: number(skipped) });
    const left = new Date(leftMs).toISOString().slice(14, 19);
    counts.text(leftMs > 0 ? `${count}, ${text('panel.left', { left })}` : count);
    result.text(trouble ? `✗ ${trouble}` : '');
    if (leftMs === 0) end(text('panel.over'));
  }

  async function read(isCurrent) {
    try {
      const question = tail.id === undefined ? { subject: subject.val().trim(), form: form.val() } : { tail: tail.id };
      const report = await ask('tail', { server: tail.server, ...question });
      // Nobody waits for this answer any more, so what it has started is to end as well.
      if (!isCurrent()) return void leave(report.tail);
      tail.id = report.tail;
      show(report);
    } catch ({ message }) {
      if (isCurrent()) end(`✗ ${message}`);
    }
  }

  function leave(id) {
    if (id !== undefined) ask('tail', { server: tail.server, tail: id, stop: true }).catch(() => {});
  }

  function halt() {
    polling.stop();
    leave(tail.id);
    tail.id = undefined;
  }

  function start() {
    halt();
    tail.isWanted = true;
    tail.server = servers.chosen;
    update();
    counts.text(text('common.connecting'));
    result.text('');
    if (tail.isSeen) polling.start();
  }

  function stop() {
    halt();
    tail.isWanted = false;
    update();
  }

  function end(reason) {
    tail.id = undefined;
    stop();
    if (reason.startsWith('✗')) counts.text('');
    result.text(reason);
  }

  function update() {
    button.find('i').attr('class', `fa ${tail.isWanted ? 'fa-stop' : 'fa-play'}`);
    button.contents().last()[0].data = text(tail.isWanted ? 'panel.stop' : 'panel.look');
  }

  subject.on('keydown', ({ key }) => key === 'Enter' && start());
  form.on('change', () => tail.isWanted && start());
  servers.addEventListener('chosen', () => {
    stop();
    empty();
    counts.add(result).text('');
  });
  list.on('mouseleave', showWaiting);
  const publishing = createPublishing(servers, () => subject.val());
  return {
    content: [row(subject, form), row(button, clear, publishing.button, counts), publishing.element, result, list],
    setSeen(isSeen) {
      tail.isSeen = isSeen;
      if (isSeen && tail.isWanted) start();
      else halt();
    },
  };
}
