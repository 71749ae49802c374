// What the sense-led node adds to the editor besides its dialog.
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
    // Whole, for the node may come back.
    content.detach();
    RED.sidebar.removeTab(TAB);
  },
};
