import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KeyEvent, keyEventReader } from '../../../../lib/sense-hat/joystick/joystick';
import { encodeFrame } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS } from '../../../../lib/sense-hat/led/options';
import { CODES, HOLD, inputEvent, keyReport, MAINLINE_CODES, PRESS, RELEASE } from '../../../support/joystick';

/** A push up and a longer push right, as recorded with Linux 6.1 on a 64-bit machine. */
const RECORDED = `
  1d6d046b0000000050c00300000000000100670001000000 1d6d046b0000000050c00300000000000000000000000000
  1d6d046b00000000334e0400000000000100670000000000 1d6d046b00000000334e0400000000000000000000000000
  1d6d046b0000000035930a00000000000100230201000000 1d6d046b0000000035930a00000000000000000000000000
  1e6d046b0000000003720100000000000100230202000000 1e6d046b0000000003720100000000000000000001000000
  1e6d046b0000000092c70400000000000100230200000000 1e6d046b0000000092c70400000000000000000000000000`;
const BYTES_64 = Buffer.from(RECORDED.replaceAll(/\s/g, ''), 'hex');
/** The same with 32-bit longs. */
const BYTES_32 = Buffer.concat(
  Array.from({ length: BYTES_64.length / 24 }, (_, index) => BYTES_64.subarray(24 * index, 24 * (index + 1))).flatMap(
    (event) => [event.subarray(0, 4), event.subarray(8, 12), event.subarray(16)],
  ),
);
const EVENTS: KeyEvent[] = [
  { key: 'UP', state: 'press' },
  { key: 'UP', state: 'release' },
  { key: 'RIGHT', state: 'press' },
  { key: 'RIGHT', state: 'hold' },
  { key: 'RIGHT', state: 'release' },
];

test('recorded events of 24 and of 16 bytes are parsed', () => {
  assert.deepEqual(keyEventReader(0, 24)(BYTES_64), EVENTS);
  assert.deepEqual(keyEventReader(0, 16)(BYTES_32), EVENTS);
});

test('events are parsed from chunks of any size', () => {
  for (const [bytes, eventBytes] of [
    [BYTES_64, 24],
    [BYTES_32, 16],
  ] as const) {
    for (let size = 1; size <= 2 * eventBytes + 1; size++) {
      const read = keyEventReader(0, eventBytes);
      const events: KeyEvent[] = [];
      for (let at = 0; at < bytes.length; at += size) events.push(...read(bytes.subarray(at, at + size)));
      assert.deepEqual(events, EVENTS, `${size} bytes at a time`);
    }
  }
});

test('an incomplete event is copied, so that its buffer may be reused', () => {
  const read = keyEventReader(0, 24);
  const chunk = Buffer.from(keyReport(CODES.UP, PRESS, 24).subarray(0, 20));
  assert.deepEqual(read(chunk), []);
  chunk.fill(0);
  assert.deepEqual(read(keyReport(CODES.UP, PRESS, 24).subarray(20)), [{ key: 'UP', state: 'press' }]);
});

test("the key codes of Raspberry Pi's driver and of the mainline kernel are known", () => {
  for (const codes of [CODES, MAINLINE_CODES]) {
    for (const [key, code] of Object.entries(codes)) {
      const bytes = Buffer.concat([PRESS, HOLD, RELEASE].map((value) => keyReport(code, value)));
      const states = ['press', 'hold', 'release'];
      assert.deepEqual(
        keyEventReader(0)(bytes),
        states.map((state) => ({ key, state })),
      );
    }
  }
});

test('events other than those of the five keys are ignored', () => {
  const others = [
    inputEvent(0, CODES.UP, PRESS),
    inputEvent(2, CODES.UP, PRESS),
    inputEvent(4, 4, CODES.UP),
    inputEvent(257, CODES.UP, PRESS),
    inputEvent(1, 30, PRESS),
    inputEvent(1, 0, PRESS),
    inputEvent(1, CODES.UP, 3),
    inputEvent(1, CODES.UP, -1),
  ];
  assert.deepEqual(keyEventReader(0)(Buffer.concat(others)), []);
});

test('up is at the top of the rotated picture, and enter stays enter', () => {
  const pushes = Buffer.concat(
    (['UP', 'RIGHT', 'DOWN', 'LEFT', 'ENTER'] as const).map((key) => keyReport(CODES[key], PRESS)),
  );
  const seen = {
    0: ['UP', 'RIGHT', 'DOWN', 'LEFT', 'ENTER'],
    90: ['LEFT', 'UP', 'RIGHT', 'DOWN', 'ENTER'],
    180: ['DOWN', 'LEFT', 'UP', 'RIGHT', 'ENTER'],
    270: ['RIGHT', 'DOWN', 'LEFT', 'UP', 'ENTER'],
  } as const;
  for (const rotation of [0, 90, 180, 270] as const) {
    const keys = keyEventReader(rotation)(pushes).map(({ key }) => key);
    assert.deepEqual(keys, seen[rotation], `${rotation} degrees`);
  }
});

test('a push towards an edge of the HAT is named after the edge of the picture that is there', () => {
  /** The pixels along each edge of the HAT. */
  const edges = {
    UP: (index: number) => index < 8,
    DOWN: (index: number) => index >= 56,
    LEFT: (index: number) => index % 8 === 0,
    RIGHT: (index: number) => index % 8 === 7,
  };
  const line = (isLit: (index: number) => boolean) =>
    Uint8Array.from(Array.from({ length: 64 }, (_, index) => Array(3).fill(isLit(index) ? 255 : 0)).flat());
  for (const rotation of [0, 90, 180, 270] as const) {
    for (const key of ['UP', 'DOWN', 'LEFT', 'RIGHT'] as const) {
      const [event] = keyEventReader(rotation)(keyReport(CODES[key], PRESS));
      const edge = event?.key as keyof typeof edges;
      const options = { ...DEFAULT_OPTIONS, rotation };
      const frame = encodeFrame(line(edges[edge]), options);
      for (let index = 0; index < 64; index++)
        assert.equal(frame.readUInt16LE(2 * index) > 0, edges[key](index), `${key} at ${rotation} degrees`);
    }
  }
});
