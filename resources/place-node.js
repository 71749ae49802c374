// Puts a node on the canvas: under the mouse, which then places it, or in the middle of what is seen of the flow.

/** `event` is the click that asked for it; one by a key has no place. Does nothing in a locked flow. */
export function placeNode(node, { detail }) {
  if (RED.workspaces.isLocked()) return;
  const chart = document.getElementById('red-ui-workspace-chart');
  const scale = RED.view.scale();
  const middle = (scroll, size) => Math.round((scroll + size / 2) / scale / 20) * 20;
  const place = {
    x: middle(chart.scrollLeft, chart.clientWidth),
    y: middle(chart.scrollTop, chart.clientHeight),
  };
  const { defaults } = RED.nodes.getType(node.type);
  const fields = Object.fromEntries(
    Object.entries(defaults).map(([name, { value }]) => [name, structuredClone(value)]),
  );
  const made = { ...fields, id: RED.nodes.id(), z: RED.workspaces.active(), name: '', wires: [[]], ...place, ...node };
  RED.view.importNodes([made], { generateIds: true, touchImport: detail === 0, notify: false });
}
