// An end of a flow: hands the messages that reach it to the benchmark, which sends others through it.
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
