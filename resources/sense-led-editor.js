// The parts of the sense-led node in the editor besides its dialog.
import { Displays } from './displays.js';
import { showAtFirstLight } from './first-light.js';
import { createPanel } from './panel.js';
import { startPreview } from './preview.js';
import { SimulatedHat } from './simulated-hat.js';

const TAB = 'sense-hat';
const text = (key, values) => RED._(`@natshat/node-red/sense-led:${key}`, values);

const displays = new Displays((keys) => RED.comms.send('sense-led/watch', keys));
RED.comms.on?.('connect', () => displays.clear());
RED.comms.subscribe('sense-led/#', (topic, data) => displays.receive(topic, data));
startPreview(displays, text);
showAtFirstLight(TAB);

const hat = new SimulatedHat(text);
RED.comms.subscribe('sense-hat/simulator', (_topic, values) => hat.receive(values));

let content;

window.senseHat = {
  addPanel() {
    const name = text('panel.hat');
    content ??= createPanel(displays, hat, text);
    RED.sidebar.addTab({ id: TAB, label: name, name, content, iconClass: 'fa fa-th', enableOnEdit: true });
  },

  removePanel() {
    // Detached, not removed, because the node may be enabled again.
    content.detach();
    RED.sidebar.removeTab(TAB);
  },
};
