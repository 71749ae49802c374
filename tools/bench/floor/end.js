// A node at either end of a flow: it passes messages to the benchmark, or the benchmark sends through it.
module.exports = (RED) => {
  RED.nodes.registerType('bench-end', function (def) {
    RED.nodes.createNode(this, def);
    const { bench } = RED.settings;
    this.on('input', (msg, _send, done) => {
      bench.onMessage(this.id, msg);
      done();
    });
  });
};
