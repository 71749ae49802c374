import { CodedError } from '../../coded-error';
import type { ChipModel, OpenChip } from './chip';
import type { HatPlace } from './hat';
import { isElsewhere, sensorError } from './sensor-error';

type RawPlace = Pick<HatPlace, 'bus' | 'openI2c'>;

/** Opens a chip on an I2C bus and sets it up. Rejects with `SENSOR`. */
export async function openRawChip(model: ChipModel, place: RawPlace): Promise<OpenChip> {
  let first: CodedError | undefined;
  for (const address of model.addresses) {
    try {
      return await openAt(address, model, place);
    } catch (cause) {
      const error = sensorError(model.name, place.bus, cause);
      // Another variant of the chip has another address.
      if (!isElsewhere(error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

async function openAt(address: number, model: ChipModel, { bus, openI2c }: RawPlace): Promise<OpenChip> {
  const registers = await openI2c(bus, address);
  try {
    const [identity = 0] = await registers.read(model.identityRegister, 1);
    if (!model.identities.includes(identity)) {
      throw new CodedError('SENSOR-unknown', {
        sensor: model.name,
        path: bus,
        address: hex(address),
        value: hex(identity),
      });
    }
    const measure = await model.start(registers, identity);
    return { measure, close: registers.close };
  } catch (error) {
    registers.close();
    throw error;
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
