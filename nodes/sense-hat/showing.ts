import type { Node, NodeAPI, NodeMessage, NodeStatus } from 'node-red';
import { CodedError, shown } from '../../lib/coded-error';
import { bytesOf } from '../../lib/sense-hat/led/animation';
import type { Tile } from '../../lib/sense-hat/led/canvas';
import { drawPayload } from '../../lib/sense-hat/led/command';
import type { Display } from '../../lib/sense-hat/led/display';
import { acquireDisplay, keepDisplay, releaseDisplay } from '../../lib/sense-hat/led/display-registry';
import { DEFAULT_OPTIONS, type DisplayProperties, readOptions } from '../../lib/sense-hat/led/options';
import { payloadBytes } from '../../lib/sense-hat/led/payload-size';
import { piSenseHatSettings, readPiSenseHat } from '../../lib/sense-hat/led/pi-sense-hat';
import { listColours } from '../../lib/sense-hat/led/pixels';
import { BUSY, WHEN_MISSING } from '../../lib/sense-hat/led/playback';
import { startTime } from '../../lib/sense-hat/led/start-at';
import { readTile } from '../../lib/sense-hat/led/tile';
import { choiceSetting, switchSetting } from '../../lib/setting';
import { watchDeploys } from '../shared/deploys';
import type { Finish, Handler } from '../shared/input';
import { checkVariables } from '../shared/variables';
import { joinBroadcast, leaveBroadcast } from './broadcast';
import type { SenseLedDef } from './sense-led';
import { showDevice } from './shared/show-device';

/** The properties that a message may have besides its payload. */
interface SenseLedMessage extends NodeMessage, DisplayProperties {
  action?: unknown;
  busy?: unknown;
  /** When it begins, in milliseconds since 1970, so that several displays are in step; by default when its turn comes. */
  startAt?: unknown;
}

/** Shows the messages of a `sense-led` on its display. */
export function showing(RED: NodeAPI, node: Node, def: SenseLedDef): Handler {
  checkVariables(def);
  const tile = readTile(def);
  const ownOptions = readOptions(def, { ...DEFAULT_OPTIONS, tile });
  const ownBusy = choiceSetting('busy', def.busy, BUSY, 'queue');
  const whenMissing = choiceSetting('whenMissing', def.whenMissing, WHEN_MISSING, 'fail');
  const isCompatible = switchSetting('commands', def.commands, false);
  const display = useDisplay(RED, node, def, tile);

  const show = function* (msg: SenseLedMessage, startsAt: number | undefined, bytes: number, finish: Finish) {
    const busy = choiceSetting('busy', msg.busy, BUSY, ownBusy);
    const look = isCompatible ? { ...ownOptions, ...piSenseHatSettings(display) } : ownOptions;
    const content = isCompatible ? readPiSenseHat(msg, display) : msg;
    if (!content) return finish(undefined, msg);
    const sequence = yield* drawPayload(content.payload, readOptions(content, ownOptions));
    const outcome = (error: unknown) => finish(error, msg);
    const size = bytes + bytesOf(sequence);
    display.play({ sequence, busy, whenMissing, look, startsAt, owner: node, bytes: size, outcome });
  };
  const get = (msg: SenseLedMessage, finish: Finish) => {
    msg.payload = listColours(display.readPicture(readOptions(msg, ownOptions)));
    finish(undefined, msg);
  };

  return (msg: SenseLedMessage, finish) => {
    switch (msg.action) {
      case undefined: {
        const bytes = payloadBytes(msg.payload);
        // Read on receipt: the wall clock may be set while the message waits.
        const startsAt = startTime(msg.startAt);
        return display.take({ owner: node, bytes, run: () => show(msg, startsAt, bytes, finish), end: finish });
      }
      case 'stop':
        display.stop();
        return finish(undefined, msg);
      case 'get':
        return display.take({ owner: node, run: () => get(msg, finish), end: finish });
      default:
        throw new CodedError('BAD_ACTION', { action: shown(msg.action) });
    }
  };
}

/** Connects a node with its display, its status and its preview in the editor, until it closes. */
function useDisplay(RED: NodeAPI, node: Node, def: SenseLedDef, tile: Tile): Display {
  const clear = switchSetting('clearOnClose', def.clearOnClose, false);
  const display = acquireDisplay(def.device ?? '', tile);
  const onDevice = () => showDevice(RED, node, display.deviceState, PREVIEW_ONLY);
  onDevice();
  display.on('device', onDevice);
  joinBroadcast(RED, display, node);
  watchDeploys(RED, node, { onStopping: () => {}, onStarted: () => keepDisplay(display) });
  node.on('close', () => {
    display.off('device', onDevice);
    display.withdraw(node);
    leaveBroadcast(RED, display, node);
    releaseDisplay(display, clear);
  });
  return display;
}

const PREVIEW_ONLY: NodeStatus = { fill: 'grey', shape: 'dot', text: 'status.preview' };
