import type { NodeAPI } from 'node-red';
import { CodedError } from '../../lib/coded-error';
import type { Connection } from '../../lib/nats/connection/connection';
import { Service } from '../../lib/nats/services/service';
import {
  checkServiceName,
  checkVersion,
  parseMetadata,
  type ServiceSettings,
} from '../../lib/nats/services/service-settings';
import { textSetting } from '../../lib/setting';
import type { NatsConfigNode } from '../nats/nats-config';
import type { NatsServiceNode } from '../nats/shared/use-service';
import { NATS_TEXTS, nodeError, reportFailure, sentenceOf } from '../shared/catalogue';
import { checkVariables } from '../shared/variables';
import type { NatsServiceDef } from './nats-service';

/** Makes a `nats-service` share its service among the nodes that are its endpoints. */
export function serviceSharing(RED: NodeAPI, node: NatsServiceNode, def: NatsServiceDef): void {
  const services = new WeakMap<Connection, Service>();
  let make: (connection: Connection) => Service;
  try {
    checkVariables(def);
    const settings = serviceSettings(def);
    make = (connection) => {
      const config = RED.nodes.getNode(def.server) as NatsConfigNode | null;
      if (!config?.owns(connection)) throw new CodedError('BAD_SERVICE-server', { service: settings.name });
      return new Service(settings, connection, onTrouble);
    };
  } catch (error) {
    reportFailure(RED, node, NATS_TEXTS, error);
    make = () => {
      throw error;
    };
  }

  const onTrouble = (trouble: CodedError | undefined) => {
    if (trouble) node.warn(sentenceOf(nodeError(RED, NATS_TEXTS, trouble)));
  };

  node.serviceOn = (connection) => {
    const service = services.get(connection) ?? make(connection);
    services.set(connection, service);
    return service;
  };
}

function serviceSettings(def: NatsServiceDef): ServiceSettings {
  return {
    name: checkServiceName(textSetting(def.service)),
    version: checkVersion(textSetting(def.version, '1.0.0')),
    description: textSetting(def.description),
    metadata: parseMetadata(textSetting(def.metadata)),
  };
}
