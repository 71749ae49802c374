// Publishes a message from the NATS tab.
import { ask, text } from './ask.js';
import { confirm, field, iconButton, resultLine, row } from './elements.js';

/** The fields, and the button that shows them; `proposedSubject` returns what they begin with. */
export function createPublishing(servers, proposedSubject) {
  const subject = field(text('common.subject'));
  const payload = $('<textarea rows="2" class="nats-tab-field">').attr({
    'aria-label': text('label.payload'),
    placeholder: text('label.payload'),
  });
  const headers = field(text('common.headers'), text('placeholder.headers'));
  const result = resultLine();

  async function publish() {
    if (!(await confirm(text('panel.confirm.publish', { subject: subject.val() }), text('panel.publish')))) return;
    try {
      await ask('publish', {
        ...{ server: servers.chosen, subject: subject.val().trim(), payload: payload.val(), headers: headers.val() },
      });
      result.text(`✓ ${text('panel.published')}`);
    } catch ({ message }) {
      result.text(`✗ ${message}`);
    }
  }

  const send = iconButton('fa-paper-plane', text('panel.publish'), publish, true);
  const element = $('<div class="nats-tab-box">').append(row(subject), row(payload), row(headers), row(send), result);
  const button = iconButton('fa-pencil', text('panel.write'), () => {
    element.toggle();
    button.attr('aria-expanded', element.is(':visible'));
    if (!element.is(':visible')) return;
    if (subject.val() === '' && !/[*>]/.test(proposedSubject())) subject.val(proposedSubject());
    subject.trigger('focus');
  });
  return { element: element.hide(), button: button.attr('aria-expanded', false) };
}
