// Minimal nodes for NATS, without checks, status, error handling or buffering while the server is down.
const { connect } = require('nats');

module.exports = (RED) => {
  const connected = new Map();
  const connection = ({ url }) => connected.get(url) ?? connected.set(url, connect({ servers: url })).get(url);
  RED.nodes.registerType('floor-subscribe', function (def) {
    RED.nodes.createNode(this, def);
    const callback = (_, msg) => this.send({ topic: msg.subject, payload: msg.string(), reply: msg.reply });
    connection(def).then((nc) => def.subjects.map((subject) => nc.subscribe(subject, { callback, queue: def.queue })));
  });
  RED.nodes.registerType('floor-publish', function (def) {
    RED.nodes.createNode(this, def);
    connection(def).then((nc) =>
      this.on('input', (msg, _send, done) => done(nc.publish(def.subject || msg.reply, msg.payload))),
    );
  });
  RED.nodes.registerType('floor-request', function (def) {
    RED.nodes.createNode(this, def);
    const ask = (nc, msg, send, done) =>
      nc.request(def.subject, msg.payload, { timeout: 2000 }).then((reply) => {
        msg.payload = reply.string();
        send(msg);
        done();
      }, done);
    connection(def).then((nc) => this.on('input', (msg, send, done) => ask(nc, msg, send, done)));
  });
};
