// Elements of the NATS tab. All that comes from a server is set as text, never as html.
import { text } from './ask.js';

/** A small button with an icon, whose label is its tooltip, or with `isLabelled` stands beside it. */
export function iconButton(icon, label, onClick, isLabelled = false) {
  const button = $('<button type="button" class="red-ui-button red-ui-button-small">')
    .append($('<i class="fa" aria-hidden="true">').addClass(icon))
    .on('click', onClick);
  return isLabelled
    ? button.append(' ', document.createTextNode(label))
    : button.attr({ title: label, 'aria-label': label });
}

/** A field with a label that is read to those who cannot see its placeholder. */
export function field(label, placeholder = label) {
  return $('<input type="text" class="nats-tab-field" spellcheck="false" autocomplete="off">').attr({
    'aria-label': label,
    placeholder,
  });
}

/** The choice of a form for payloads. */
export function formChoice() {
  const options = ['text', 'json', 'hex'].map((form) =>
    $('<option>')
      .val(form)
      .text(text(`panel.form.${form}`)),
  );
  return $('<select class="nats-tab-form">').attr('aria-label', text('panel.form.label')).append(options);
}

/** A row of elements. */
export const row = (...elements) => $('<div class="nats-tab-row">').append(elements);

/** A line that tells how something went, also to screen readers. */
export const resultLine = () => $('<div role="status" class="nats-tab-result">');

/** A payload, whose size is told if it is cut. */
export function payloadOf({ text: payload, size, isCut }) {
  const shown = $('<pre class="nats-tab-payload">').text(payload);
  if (payload === '') shown.addClass('nats-tab-empty').text(text('panel.empty'));
  const cut = isCut && $('<div class="nats-tab-note">').text(text('panel.cut', { bytes: number(size) }));
  return $('<div>').append(shown, cut);
}

export const number = (value) => value.toLocaleString(undefined, { maximumFractionDigits: 1 });

/** A count of bytes in a few characters. */
export const bytes = (count) =>
  count.toLocaleString(undefined, {
    ...{ notation: 'compact', style: 'unit', unit: 'byte', unitDisplay: 'narrow', maximumFractionDigits: 1 },
  });

export const timeOf = (iso) => new Date(iso).toLocaleTimeString();

/** Asks a person, and resolves with whether the answer is yes. */
export function confirm(question, yes) {
  return new Promise((resolve) => {
    const end = (answer) => () => {
      notification.close();
      resolve(answer);
    };
    const notification = RED.notify($('<p>').text(question), {
      ...{ modal: true, fixed: true, type: 'warning' },
      buttons: [
        { text: text('panel.cancel'), click: end(false) },
        { text: yes, class: 'primary', click: end(true) },
      ],
    });
    $('#red-ui-notifications .red-ui-notification').last().find('button').first().trigger('focus');
  });
}
