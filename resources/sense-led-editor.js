// The parts of the sense-led node in the editor besides its dialog.
import { Displays } from './displays.js';
import { createPanel } from './panel.js';
import { startPreview } from './preview.js';

const TAB = 'sense-hat';
const text = (key, values) => RED._(`@natshat/node-red/sense-led:${key}`, values);

const displays = new Displays();
RED.comms.on?.('connect', () => displays.clear());
RED.comms.subscribe('sense-led/#', (topic, data) => displays.receive(topic, data));
startPreview(displays, text);

let content;

window.senseHat = {
  addPanel() {
    const name = text('panel.hat');
    content ??= createPanel(displays, text);
    RED.sidebar.addTab({ id: TAB, label: name, name, content, iconClass: 'fa fa-th', enableOnEdit: true });
  },

  removePanel() {
    // Detached, not removed, because the node may be enabled again.
    content.detach();
    RED.sidebar.removeTab(TAB);
  },
};
