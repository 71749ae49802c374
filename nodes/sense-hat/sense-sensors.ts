import type { Node, NodeAPI } from 'node-red';
import { SENSE_HAT_TEXTS } from '../shared/catalogue';
import { startNode } from '../shared/starting';
import { serveRoom } from './room';
import type { SenseSensorsDef } from './sensor-settings';

export default function register(RED: NodeAPI) {
  function SenseSensors(this: Node, def: SenseSensorsDef) {
    RED.nodes.createNode(this, def);
    startNode(RED, this, SENSE_HAT_TEXTS, () => {
      // With the first node, not at each start of Node-RED.
      const { measuring } = require('./measuring') as typeof import('./measuring');
      measuring(RED, this, def);
    });
  }
  serveRoom(RED);
  RED.nodes.registerType('sense-sensors', SenseSensors);
}
