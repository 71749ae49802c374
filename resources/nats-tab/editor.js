// The NATS tab of the sidebar.
import { createTabs } from '../tabs.js';
import { text, watchSight } from './ask.js';
import { createBuckets } from './buckets.js';
import { createServerChoice, createServers, Servers } from './servers.js';
import { createServices } from './services.js';
import { createStreams } from './streams.js';
import { createTail } from './tail.js';

const TAB = 'nats';

/** The content of the tab. Only the view that is seen asks anything, and none while the tab is closed. */
function createPanel() {
  const servers = new Servers();
  const views = {
    servers: createServers(servers),
    subjects: createTail(servers),
    streams: createStreams(servers),
    buckets: createBuckets(servers),
    services: createServices(servers),
  };
  let isSeen = false;
  let selected;
  const update = () => {
    for (const [name, view] of Object.entries(views)) {
      const isNow = isSeen && name === selected && (name === 'servers' || servers.chosen !== undefined);
      if (isNow === Boolean(view.isSeen)) continue;
      view.isSeen = isNow;
      view.setSeen(isNow);
    }
    choice.parent().toggle(selected !== 'servers');
  };
  const choice = createServerChoice(servers);
  const bar = $('<div class="nats-tab-bar">').append(choice);
  servers.addEventListener('servers', update);
  const tabs = Object.entries(views).map(([name, { content }]) => ({ name, label: text(`panel.${name}`), content }));
  const [list, ...panes] = createTabs('nats', text('panel.title'), tabs, (name) => {
    selected = name;
    update();
  });
  const panel = $('<div class="natshat-panel nats-tab">').append(list, bar, panes);
  watchSight(panel[0], (now) => {
    isSeen = now;
    servers.setSeen(isSeen);
    update();
  });
  return panel;
}

let content;

window.natsTab = {
  addPanel() {
    content ??= createPanel();
    const name = text('panel.title');
    RED.sidebar.addTab({ id: TAB, label: name, name, content, iconClass: 'fa fa-exchange', enableOnEdit: true });
  },

  removePanel() {
    // Detached, not removed, because the node may be enabled again.
    content.detach();
    RED.sidebar.removeTab(TAB);
  },
};
