// Looks at one message of a stream, by its sequence.
import { ask, text } from './ask.js';
import { formChoice, iconButton, payloadOf, row } from './elements.js';

export function createMessageLook(servers, stream) {
  const sequence = $('<input type="number" min="1" class="nats-tab-number">').attr(
    'aria-label',
    text('panel.sequence'),
  );
  const form = formChoice();
  const shown = $('<div role="status">');
  let [first, last] = [1, 1];

  async function look(number) {
    sequence.val(number);
    try {
      const fields = { server: servers.chosen, stream, sequence: number, form: form.val() };
      const message = await ask('message', fields);
      const head = `${new Date(message.time).toLocaleString()}  ${message.subject}`;
      const lines = [head, message.headers].filter(Boolean).join('\n');
      shown.html([$('<div class="nats-tab-lines nats-tab-note">').text(lines), payloadOf(message)]);
    } catch ({ message }) {
      shown.text(`✗ ${message}`);
    }
  }

  const chosen = () => Number(sequence.val()) || last;
  const step = (by) => () => look(Math.min(Math.max(chosen() + by, first), Math.max(last, 1)));
  sequence.on('change', () => look(chosen()));
  form.on('change', () => shown.children().length > 0 && look(chosen()));
  const element = $('<div>').append(
    row(
      iconButton('fa-chevron-left', text('panel.previous'), step(-1)),
      sequence,
      iconButton('fa-chevron-right', text('panel.next'), step(1)),
      form,
      iconButton('fa-eye', text('panel.lookAtMessage'), () => look(chosen())),
    ),
    shown,
  );
  return {
    element,
    /** The first and the last sequence that the stream has. */
    setRange(firstSequence, lastSequence) {
      [first, last] = [firstSequence, lastSequence];
      sequence.attr({ max: last, placeholder: last });
    },
  };
}
