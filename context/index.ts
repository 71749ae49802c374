import { type ContextConfig, contextSettings } from './settings';
import { ContextStore } from './store';
import { contextError } from './texts';

/**
 * Makes a context store, as settings.js names it: `contextStorage: { nats: { module: require('@natshat/node-red/context'),
 * config: { bucket: 'plant', servers: 'nats://localhost:4222' } } }`. Throws an error of the config.
 */
function context(config: ContextConfig = {}): ContextStore {
  try {
    return new ContextStore(contextSettings(config));
  } catch (error) {
    throw contextError(error);
  }
}

/** Node-RED's log shows this. */
context.toString = () => '@natshat/node-red/context';

export = context;
