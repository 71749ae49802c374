// The dialog of the nats-server node; see nodes/nats/install-server.ts.
import { ask, onClick } from '../ask.js';

const text = (key, values) => RED._(`@natshat/node-red/nats-server:${key}`, values);

/** The lines that describe a program, or what a person can do where there is none. */
const describe = ({ path, version, command, downloads, isInstallable }) => {
  if (path) return `✓ ${text('program.found', { path, version })}`;
  const typed = command ? text('program.type', { command }) : text('program.download', { url: downloads });
  return [text('program.missing'), ...(isInstallable ? [text('program.button')] : []), typed].join('\n');
};

window.natsServer = {
  /** Shows the nats-server of this machine in the dialog, or how to install it, with a button where that is possible. */
  editProgram() {
    const result = $('#nats-server-program');
    const button = $('#nats-server-install');
    const unanswered = RED._('@natshat/node-red/nats-config:common.unanswered');
    const reasons = { forbidden: text('program.forbidden'), unanswered };
    /** Returns the report, or undefined if there is none. */
    const show = async (question, wait) => {
      result.text(wait);
      try {
        const report = await ask(`nats-server/${question}`, {}, reasons);
        result.text(describe(report));
        return report;
      } catch ({ message }) {
        result.text(`✗ ${message}`);
      }
    };
    onClick(button, async () => {
      const report = await show('install', text('program.installing'));
      button.toggle(report === undefined);
    });
    show('program', text('program.looking')).then((report) => button.toggle(report?.isInstallable === true));
  },

  /** Shows the folder only where there are streams, and the warning where the server is open to everyone. */
  editSettings() {
    const update = () => {
      const isOpen = $('#node-input-listen').val() === 'all' && $('#node-input-token').val() === '';
      $('#nats-server-open').toggle(isOpen);
      $('.nats-server-stored').toggle($('#node-input-jetstream').prop('checked'));
    };
    $('#node-input-listen, #node-input-jetstream').on('change', update);
    $('#node-input-token').on('input', update);
    update();
  },
};
