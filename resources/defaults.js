// Gives each node of the pack in the editor the properties that its JSON lacks: a flow may be older than a property, or
// written by hand. Otherwise an unchecked box and an empty field would be saved in place of the defaults.
(() => {
  RED.events.on('nodes:add', (node) => {
    const { defaults = {}, set } = node._def;
    if (set?.module !== '@natshat/node-red') return;
    for (const [name, { value }] of Object.entries(defaults)) node[name] ??= structuredClone(value);
  });
})();
