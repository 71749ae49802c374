import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { shown } from '../../../../lib/coded-error';
import type { Label, Scene } from '../../../../lib/sense-hat/led/animation';
import type { Picture } from '../../../../lib/sense-hat/led/canvas';
import type { Rgb } from '../../../../lib/sense-hat/led/colour';
import { fill } from '../../../../lib/sense-hat/led/frame';
import { DEFAULT_OPTIONS, type DisplayOptions } from '../../../../lib/sense-hat/led/options';
import { drawText } from '../../../../lib/sense-hat/led/text';
import { drawPayload } from '../../../support/drawing';
import { pngOf } from '../../../support/png';

const OPTIONS: DisplayOptions = {
  ...DEFAULT_OPTIONS,
  color: [50, 100, 40],
  background: [1, 2, 3],
  frameMs: 40,
  rotation: 90,
  flipH: true,
  brightness: 60,
};
const DARK = fill([0, 0, 0]);

/** 64 different colours. */
const COLOURS: Rgb[] = Array.from({ length: 64 }, (_, n) => [n, 255 - n, 4 * n]);
const PICTURE = Uint8Array.from(COLOURS.flat());

/** The only scene of a payload. */
function sceneOf(payload: unknown, options = OPTIONS): Scene {
  const { scenes } = drawPayload(payload, options);
  assert.equal(scenes.length, 1);
  return scenes[0] as Scene;
}

/** The pictures of a scene that is played after `before`. */
function played({ animation }: Scene, before: Picture = PICTURE): Picture[] {
  let picture = before;
  return Array.from({ length: animation.length }, (_, index) => {
    picture = animation.pictureAt(index, picture);
    return picture;
  });
}

/** The places where a picture has a colour. */
function placesOf(picture: Picture, colour: Rgb): [row: number, column: number][] {
  const places: [number, number][] = [];
  for (let at = 0; at < 64; at++) {
    if (picture.subarray(3 * at, 3 * at + 3).join() === colour.join()) places.push([Math.floor(at / 8), at % 8]);
  }
  return places;
}

test('each kind of command draws its picture', () => {
  const mirrored = (place: (row: number, column: number) => number) =>
    Uint8Array.from(COLOURS.flatMap((_, at) => COLOURS[place(Math.floor(at / 8), at % 8)] as Rgb));
  const pixel = Uint8Array.from(COLOURS.toSpliced(8 * 5 + 2, 1, OPTIONS.color).flat());
  const cases: [object, Picture][] = [
    [{ clear: true }, DARK],
    [{ fill: 'red' }, fill([255, 0, 0])],
    [{ fill: 0x010203 }, fill([1, 2, 3])],
    [{ x: 2, y: 5 }, pixel],
    [{ flip: 'horizontal' }, mirrored((row, column) => 8 * row + 7 - column)],
    [{ flip: 'vertical' }, mirrored((row, column) => 8 * (7 - row) + column)],
    [{ text: 'A' }, drawText('A', OPTIONS).pictureAt(0, DARK)],
    [{ pixels: COLOURS }, PICTURE],
    [{ pixels: Buffer.from(PICTURE) }, PICTURE],
  ];
  for (const [command, picture] of cases) {
    assert.deepEqual(played(sceneOf(command)), [picture], JSON.stringify(command));
  }
});

test('the text of a command may be a number or a boolean', () => {
  for (const text of ['Hi', 21.5, 0, true, false, '']) {
    const scene = sceneOf({ text });
    const { length, pictureAt } = drawText(String(text), OPTIONS);
    assert.deepEqual(
      played(scene),
      Array.from({ length }, (_, index) => pictureAt(index, DARK)),
      String(text),
    );
  }
});

test('the pixels of a command may be an array of pictures, which is an animation', () => {
  const { animation } = sceneOf({ pixels: [PICTURE, COLOURS], frameMs: 70 });
  assert.deepEqual(played(sceneOf({ pixels: [PICTURE, COLOURS] }), DARK), [PICTURE, PICTURE]);
  assert.equal(animation.periodMs, 70);
});

test('a coordinate is a number, a range or all', () => {
  const cases: [unknown, number[]][] = [
    [0, [0]],
    [7, [7]],
    ['3', [3]],
    ['3-6', [3, 4, 5, 6]],
    [' 3 - 6 ', [3, 4, 5, 6]],
    ['5-5', [5]],
    ['0-7', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['*', [0, 1, 2, 3, 4, 5, 6, 7]],
  ];
  for (const [value, numbers] of cases) {
    const [column] = played(sceneOf({ x: value, y: 4 }), DARK) as [Picture];
    assert.deepEqual(
      placesOf(column, OPTIONS.color),
      numbers.map((x) => [4, x]),
      `x ${shown(value)}`,
    );
    const [row] = played(sceneOf({ x: 1, y: value }), DARK) as [Picture];
    assert.deepEqual(
      placesOf(row, OPTIONS.color),
      numbers.map((y) => [y, 1]),
      `y ${shown(value)}`,
    );
  }
  const [block] = played(sceneOf({ x: '2-3', y: '5-6', color: 'red' }), DARK) as [Picture];
  assert.deepEqual(placesOf(block, [255, 0, 0]), [
    [5, 2],
    [5, 3],
    [6, 2],
    [6, 3],
  ]);
});

test('a coordinate outside 0 to 7 is refused by name', () => {
  for (const value of [8, -1, 1.5, '8', '6-3', '0-8', '1-2-3', '-3', '3-', '', ' ', '**', 'a', true, null, [3], {}]) {
    const values = { value: shown(value), max: 7 };
    for (const name of ['x', 'y']) {
      const command = { x: 0, y: 0, [name]: value };
      assert.throws(
        () => drawPayload(command, OPTIONS),
        { code: 'BAD_COMMAND', text: 'BAD_COMMAND-range', values: { name, ...values } },
        JSON.stringify(command),
      );
    }
  }
  assert.throws(() => drawPayload({ x: 3 }, OPTIONS), { values: { name: 'y', value: 'undefined', max: 7 } });
  assert.throws(() => drawPayload({ y: 3 }, OPTIONS), { values: { name: 'x', value: 'undefined', max: 7 } });
});

test('single pixels and a flip do not modify the picture before them', () => {
  for (const command of [{ x: '*', y: '*' }, { flip: 'vertical' }]) {
    const before = Uint8Array.from(PICTURE);
    played(sceneOf(command), before);
    assert.deepEqual(before, PICTURE);
  }
});

test('two flips cancel each other', () => {
  for (const flip of ['horizontal', 'vertical']) {
    const [once] = played(sceneOf({ flip })) as [Picture];
    assert.notDeepEqual(once, PICTURE);
    assert.deepEqual(played(sceneOf({ flip }), once), [PICTURE]);
  }
});

test('an invalid value of a command is refused', () => {
  const cases: [object, string, object][] = [
    [{ clear: false }, 'BAD_COMMAND', { name: 'clear', value: 'false' }],
    [{ clear: 'true' }, 'BAD_COMMAND', { name: 'clear', value: '"true"' }],
    [{ clear: 1 }, 'BAD_COMMAND', { name: 'clear', value: '1' }],
    [{ fill: 'reddish' }, 'BAD_COLOR', { value: '"reddish"' }],
    [{ fill: undefined }, 'BAD_COLOR', { value: 'undefined' }],
    [{ flip: 'sideways' }, 'BAD_CHOICE', { field: 'flip', value: '"sideways"', choices: 'horizontal, vertical' }],
    [{ flip: true }, 'BAD_CHOICE', { field: 'flip', value: 'true', choices: 'horizontal, vertical' }],
    [{ flip: '' }, 'BAD_CHOICE', { field: 'flip', value: '""', choices: 'horizontal, vertical' }],
    [{ flip: null }, 'BAD_CHOICE', { field: 'flip', value: 'null', choices: 'horizontal, vertical' }],
    [{ text: null }, 'BAD_COMMAND', { name: 'text', value: 'null' }],
    [{ text: undefined }, 'BAD_COMMAND', { name: 'text', value: 'undefined' }],
    [{ text: ['Hi'] }, 'BAD_COMMAND', { name: 'text', value: '["Hi"]' }],
    [{ text: COLOURS }, 'BAD_COMMAND', { name: 'text', value: shown(COLOURS) }],
    [{ text: () => 1 }, 'BAD_PAYLOAD', { value: '() => 1' }],
    [{ pixels: null }, 'BAD_COMMAND', { name: 'pixels', value: 'null' }],
    [{ pixels: 'red' }, 'BAD_COMMAND', { name: 'pixels', value: '"red"' }],
    [{ pixels: {} }, 'BAD_PAYLOAD', { value: '{}' }],
    [{ pixels: [] }, 'BAD_PIXELS', { pixels: 0, expected: 64 }],
    [{ pixels: Buffer.alloc(5) }, 'BAD_PIXELS-bytes', { bytes: 5, rgb565: 128, rgb: 192 }],
    [{ rotation: 45 }, 'BAD_ROTATION', { value: '45' }],
    [{ fill: 'red', brightness: 101 }, 'BAD_NUMBER', { field: 'brightness', value: '101', min: 0, max: 100 }],
    [{}, 'BAD_COMMAND', { name: 'command', value: '{}' }],
  ];
  for (const [command, text, values] of cases) {
    assert.throws(() => drawPayload(command, OPTIONS), { text, values }, shown(command));
    assert.throws(
      () => drawPayload([{ clear: true }, command], OPTIONS),
      { text, values },
      `${shown(command)} in a list`,
    );
  }
});

test('an unknown property is refused by name', () => {
  for (const name of ['tile', 'Text', 'payload', 'constructor', 'toString', 'hasOwnProperty', 'periodMs']) {
    const command = { text: 'Hi', [name]: 1 };
    assert.throws(() => drawPayload(command, OPTIONS), {
      code: 'BAD_COMMAND',
      text: 'BAD_COMMAND-unknown',
      values: { name: JSON.stringify(name), value: shown(command) },
    });
  }
  assert.throws(() => drawPayload(JSON.parse('{"fill": "red", "__proto__": {"rotation": 90}}'), OPTIONS), {
    text: 'BAD_COMMAND-unknown',
    values: { name: '"__proto__"', value: '{"fill":"red","__proto__":{"rotation":90}}' },
  });
  assert.throws(() => drawPayload(JSON.parse('{"__proto__": {"clear": true}}'), OPTIONS), {
    text: 'BAD_COMMAND-unknown',
  });
});

test('a command of several kinds is refused', () => {
  const cases: [object, string][] = [
    [{ clear: true, fill: 'red' }, 'clear, fill'],
    [{ text: 'Hi', pixels: COLOURS }, 'text, pixels'],
    [{ x: 1, y: 1, fill: 'red' }, 'fill, x'],
    [{ y: 1, flip: 'vertical' }, 'y, flip'],
    [
      { clear: true, fill: 'red', x: 1, y: 1, flip: 'vertical', text: '', pixels: [] },
      'clear, fill, x, flip, text, pixels',
    ],
  ];
  for (const [command, kinds] of cases) {
    assert.throws(() => drawPayload(command, OPTIONS), {
      code: 'BAD_COMMAND',
      text: 'BAD_COMMAND-several',
      values: { kinds, value: shown(command) },
    });
  }
});

test('a command overrides some options and takes the others from its message', () => {
  assert.deepEqual(sceneOf({ fill: 'red' }).projection, OPTIONS);
  const changes = { color: 'blue', background: 'off', rotation: 180, flipH: false, lowLight: true, brightness: 5 };
  const { projection, animation } = sceneOf({ text: 'A', secondsPerColumn: 0.5, direction: 'down', ...changes });
  const options: DisplayOptions = {
    ...OPTIONS,
    ...{ color: [0, 0, 255], background: [0, 0, 0], rotation: 180, flipH: false, lowLight: true, brightness: 5 },
    ...{ secondsPerColumn: 0.5, direction: 'down' },
  };
  assert.deepEqual(projection, options);
  assert.deepEqual(animation.pictureAt(0, PICTURE), drawText('A', options).pictureAt(0, DARK));
  assert.equal(animation.periodMs, 500);
});

test('options alone redraw what is shown', () => {
  const scene = sceneOf({ rotation: 180 });
  assert.deepEqual(played(scene), [PICTURE]);
  assert.deepEqual(scene.projection, { ...OPTIONS, rotation: 180 });
  assert.equal(scene.animation.periodMs, 0);
});

test('a command that has nothing to draw is refused', () => {
  const commands = [
    { color: 'red' },
    { colour: 'red' },
    { color: 'red', brightness: 50 },
    { background: 'blue' },
    { direction: 'up' },
    { secondsPerColumn: 1 },
    { repeat: 3 },
  ];
  for (const command of commands) {
    const values = { value: shown(command) };
    assert.throws(() => drawPayload(command, OPTIONS), { code: 'BAD_COMMAND', text: 'BAD_COMMAND-missing', values });
  }
  for (const command of [{ lowLight: true }, { leastVisible: true }, { flipH: true }, { frameMs: 100 }]) {
    assert.deepEqual(played(sceneOf(command)), [PICTURE], JSON.stringify(command));
  }
});

test('colour is another spelling of color, which comes first', () => {
  const cases: [object, Rgb][] = [
    [{ colour: 'blue' }, [0, 0, 255]],
    [{ color: 'red', colour: 'blue' }, [255, 0, 0]],
    [{ color: '', colour: 'blue' }, [0, 0, 255]],
    [{ colour: '' }, OPTIONS.color],
  ];
  for (const [property, colour] of cases) {
    const [picture] = played(sceneOf({ x: 1, y: 0, ...property }), DARK) as [Picture];
    assert.deepEqual(placesOf(picture, colour), [[0, 1]], JSON.stringify(property));
  }
  assert.throws(() => drawPayload({ x: 1, y: 1, colour: 'reddish' }, OPTIONS), { code: 'BAD_COLOR' });
});

test('a picture is held for the frame time of its command, and ends at once without one', () => {
  const commands = [
    { clear: true },
    { fill: 'red' },
    { x: 1, y: 1 },
    { flip: 'vertical' },
    { pixels: COLOURS },
    { rotation: 0 },
  ];
  for (const command of commands) {
    assert.equal(sceneOf(command).animation.periodMs, 0, JSON.stringify(command));
    assert.equal(sceneOf({ ...command, frameMs: 250 }).animation.periodMs, 250, JSON.stringify(command));
    assert.equal(sceneOf({ ...command, frameMs: '250' }).animation.periodMs, 250, JSON.stringify(command));
  }
  assert.equal(sceneOf({ text: 'Hi', frameMs: 250 }).animation.periodMs, 100, 'a text has its own pace');
});

test('a command is repeated as often as it says, or else as the options say', () => {
  const options = { ...OPTIONS, repeat: 3 };
  assert.equal(drawPayload({ text: 'Hi' }, options).repeat, 3);
  assert.equal(drawPayload({ text: 'Hi', repeat: 5 }, options).repeat, 5);
  assert.equal(drawPayload({ text: 'Hi', repeat: 0 }, options).repeat, 0);
  assert.equal(drawPayload('Hi', options).repeat, 3);
});

test('a list shows one command after another, and all of it as often as the options say', () => {
  const options = { ...OPTIONS, repeat: 3 };
  const { scenes, repeat } = drawPayload([{ fill: 'red', rotation: 180 }, { text: 'Hi' }, { clear: true }], options);
  assert.equal(repeat, 3);
  assert.deepEqual(
    scenes.map(({ animation }) => animation.length),
    [1, drawText('Hi', OPTIONS).length, 1],
  );
  assert.deepEqual(
    scenes.map(({ projection }) => projection.rotation),
    [180, 90, 90],
  );
});

test('a command in a list is repeated as often as it says', () => {
  const frames = [PICTURE, fill([1, 1, 1])];
  const [twice, once] = drawPayload([{ pixels: frames, repeat: 2 }, { pixels: frames }], OPTIONS).scenes as [
    Scene,
    Scene,
  ];
  assert.deepEqual(played(twice), [...frames, ...frames]);
  assert.equal(twice.animation.periodMs, 40);
  assert.deepEqual(played(once), frames);
  const [flips] = drawPayload([{ flip: 'vertical', repeat: 2, frameMs: 10 }], OPTIONS).scenes as [Scene];
  assert.deepEqual(played(flips)[1], PICTURE);
});

test('an endless command in a list is refused', () => {
  assert.throws(() => drawPayload([{ text: 'Hi' }, { text: 'Hi', repeat: 0 }], OPTIONS), {
    text: 'BAD_COMMAND',
    values: { name: 'repeat', value: '0' },
  });
});

test('a list has at most a thousand commands', () => {
  const list = (length: number) => Array.from({ length }, () => ({ x: 0, y: 0 }));
  assert.equal(drawPayload(list(1000), OPTIONS).scenes.length, 1000);
  assert.throws(() => drawPayload(list(1001), OPTIONS), {
    code: 'BAD_COMMAND',
    text: 'BAD_COMMAND-many',
    values: { length: 1001, limit: 1000 },
  });
});

test('the texts of a list have the length limit of a single one', () => {
  const list = (last: number) => [{ text: 'a'.repeat(4000) }, { clear: true }, { text: 'b'.repeat(last) }];
  assert.equal(drawPayload(list(1000), OPTIONS).scenes.length, 3);
  assert.throws(() => drawPayload(list(1001), OPTIONS), {
    text: 'BAD_PAYLOAD-long',
    values: { length: 5001, limit: 5000 },
  });
});

test('a list of commands with anything else is refused', () => {
  for (const command of [null, undefined, 'Hi', 7, COLOURS, PICTURE, new Date(0)]) {
    assert.throws(() => drawPayload([{ clear: true }, command], OPTIONS), {
      text: 'BAD_COMMAND',
      values: { name: 'command', value: shown(command) },
    });
  }
  const holes = [{ clear: true }, { clear: true }, { clear: true }];
  delete holes[1];
  assert.throws(() => drawPayload(holes, OPTIONS), { text: 'BAD_COMMAND' });
});

test('a payload that is no command is drawn with the options', () => {
  for (const [payload, length] of [
    ['Hi', drawText('Hi', OPTIONS).length],
    [null, 1],
    [COLOURS, 1],
    [[PICTURE, PICTURE], 2],
  ] as const) {
    const scene = sceneOf(payload);
    assert.equal(scene.animation.length, length);
    assert.deepEqual(scene.projection, OPTIONS);
  }
  assert.throws(() => drawPayload([], OPTIONS), { text: 'BAD_PIXELS' });
  assert.throws(() => drawPayload([null, { clear: true }], OPTIONS), { text: 'BAD_PIXELS' });
});

const PNG_URL = `data:image/png;base64,${pngOf(1, 1, () => [1, 2, 3]).toString('base64')}`;

test('the label of a sequence is its text, or else its kind', () => {
  const picture = Array(64).fill('red');
  const labels: [payload: unknown, label: Label][] = [
    ['Hi', { kind: 'text', text: 'Hi' }],
    [7, { kind: 'text', text: '7' }],
    [
      { text: 'Hi', color: 'red' },
      { kind: 'text', text: 'Hi' },
    ],
    [picture, { kind: 'picture' }],
    [{ pixels: picture }, { kind: 'picture' }],
    [PNG_URL, { kind: 'picture' }],
    [{ pixels: PNG_URL }, { kind: 'picture' }],
    [[PNG_URL, PNG_URL], { kind: 'animation' }],
    [null, { kind: 'picture' }],
    [[picture, picture], { kind: 'animation' }],
    [{ pixels: [picture, picture] }, { kind: 'animation' }],
    [{ x: 1, y: 2 }, { kind: 'commands' }],
    [[{ text: 'Hi' }, { clear: true }], { kind: 'commands' }],
  ];
  for (const [payload, label] of labels) {
    assert.deepEqual(drawPayload(payload, OPTIONS).label, label, JSON.stringify(payload));
  }
});

test('objects of a Function node and objects without a prototype are commands', () => {
  const bare = Object.assign(Object.create(null), { fill: 'red' });
  const bareElsewhere = runInNewContext('Object.assign(Object.create(null), { fill: "red" })');
  for (const command of [bare, bareElsewhere, runInNewContext('({ fill: "red" })'), JSON.parse('{"fill": "red"}')]) {
    assert.deepEqual(played(sceneOf(command)), [fill([255, 0, 0])]);
    assert.deepEqual(played(sceneOf([command])), [fill([255, 0, 0])]);
  }
  const list = runInNewContext('[{ fill: "red" }, { text: "A", frameMs: 5 }]');
  assert.equal(drawPayload(list, OPTIONS).scenes.length, 2);
});

test('an instance of a class is no command', () => {
  class Sign {
    fill = 'red';
  }
  const instances = [new Sign(), new Date(0), new Map(), new Error('off'), runInNewContext('new Date(0)')];
  for (const payload of instances) {
    assert.throws(() => drawPayload(payload, OPTIONS), { text: 'BAD_PAYLOAD', values: { value: shown(payload) } });
  }
});

test('changing a command afterwards does not change its pictures', () => {
  const command = { pixels: [Buffer.from(PICTURE)], color: [1, 2, 3], rotation: 180 };
  const scene = sceneOf(command);
  command.pixels[0]?.fill(0);
  command.color.fill(9);
  command.rotation = 0;
  assert.deepEqual(played(scene, DARK), [PICTURE]);
  assert.equal(scene.projection.rotation, 180);
});
