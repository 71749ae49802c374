// Shows the Sense HAT tab when the example Hello is deployed for the first time in a browser.

/** The id of the tab in the example, which an import keeps. */
const HELLO = '6d4696b63f0b6bd0';
const SEEN = 'sense-hat-first-light';

export function showAtFirstLight(tab) {
  RED.events.on('deploy', () => {
    if (!RED.nodes.workspace(HELLO) || RED.settings.getLocal(SEEN)) return;
    RED.settings.setLocal(SEEN, 'true');
    RED.sidebar.show(tab);
  });
}
