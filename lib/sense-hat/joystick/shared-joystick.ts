import { rotatedKey } from './joystick';
import { type JoystickReaderOptions, type JoystickState, readJoystick } from './joystick-reader';

const shared = new Map<string, SharedJoystick>();

/**
 * Reads a joystick like `readJoystick`, but all readers of one device share it: one that keeps it from the console
 * would keep it from the others as well. It is kept from the console while one of them wants that.
 */
export function joinJoystick(user: JoystickReaderOptions): () => void {
  const joystick = shared.get(user.device) ?? new SharedJoystick(user.device);
  shared.set(user.device, joystick);
  joystick.join(user);
  return () => {
    if (joystick.leave(user)) shared.delete(user.device);
  };
}

class SharedJoystick {
  private readonly users = new Set<JoystickReaderOptions>();
  private exclusive = false;
  private state: JoystickState | undefined;
  private close: (() => void) | undefined;

  constructor(private readonly device: string) {}

  join(user: JoystickReaderOptions): void {
    this.users.add(user);
    if (this.update()) return;
    if (this.state) user.onState(this.state);
  }

  /** Returns whether this was the last one. */
  leave(user: JoystickReaderOptions): boolean {
    if (!this.users.delete(user)) return false;
    this.update();
    return this.users.size === 0;
  }

  /** Opens or closes it as its users want. Returns whether it was opened, and so has told them its state. */
  private update(): boolean {
    const exclusive = [...this.users].some((user) => user.exclusive);
    if (this.users.size > 0 && this.close && exclusive === this.exclusive) return false;
    this.close?.();
    this.close = undefined;
    this.state = undefined;
    this.exclusive = exclusive;
    if (this.users.size === 0) return false;
    this.close = readJoystick({
      device: this.device,
      rotation: 0,
      exclusive,
      onKey: ({ key, state }, isSimulated) => {
        for (const { rotation, onKey } of this.users) onKey({ key: rotatedKey(key, rotation), state }, isSimulated);
      },
      onState: (state) => {
        this.state = state;
        for (const user of this.users) user.onState(state);
      },
    });
    return true;
  }
}
