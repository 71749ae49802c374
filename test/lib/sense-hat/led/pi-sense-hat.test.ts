import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown } from '../../../../lib/coded-error';
import type { Command } from '../../../../lib/sense-hat/led/command';
import {
  type PiSenseHatProperties,
  parsePiSenseHat,
  piSenseHatOptions,
  speedToSecondsPerColumn,
} from '../../../../lib/sense-hat/led/pi-sense-hat';

test('pixels are x, y and a colour, any number of times', () => {
  const cases: [string, Command[]][] = [
    ['0,0,red', [{ x: 0, y: 0, color: 'red' }]],
    ['7,0,#00ff00', [{ x: 7, y: 0, color: '#00ff00' }]],
    ['7,0,#0F0', [{ x: 7, y: 0, color: '#0F0' }]],
    ['3,4,190,255,0', [{ x: 3, y: 4, color: [190, 255, 0] }]],
    ['1,2,3,4,5', [{ x: 1, y: 2, color: [3, 4, 5] }]],
    ['*,*,off', [{ x: '*', y: '*', color: 'off' }]],
    ['*,3,WarmWhite', [{ x: '*', y: 3, color: 'WarmWhite' }]],
    ['4-6,*,purple', [{ x: '4-6', y: '*', color: 'purple' }]],
    ['0-3,4,purple', [{ x: '0-3', y: 4, color: 'purple' }]],
    ['6-4,7-0,amber', [{ x: '4-6', y: '0-7', color: 'amber' }]],
    ['5-5,5,red', [{ x: '5-5', y: 5, color: 'red' }]],
    [
      '0,0,red,0,7,#00ff00,7,7,yellow,7,0,0,0,255',
      [
        { x: 0, y: 0, color: 'red' },
        { x: 0, y: 7, color: '#00ff00' },
        { x: 7, y: 7, color: 'yellow' },
        { x: 7, y: 0, color: [0, 0, 255] },
      ],
    ],
    [
      '1,2,3,4,5,6,7,8,9,10',
      [
        { x: 1, y: 2, color: [3, 4, 5] },
        { x: 6, y: 7, color: [8, 9, 10] },
      ],
    ],
  ];
  for (const [text, commands] of cases) assert.deepEqual(parsePiSenseHat(text), commands, text);
});

test('commands of letters rotate, mirror and dim, in upper and lower case', () => {
  const cases: [string, Command][] = [
    ['R0', { rotation: 0 }],
    ['R90', { rotation: 90 }],
    ['r180', { rotation: 180 }],
    ['R270', { rotation: 270 }],
    ['FH', { flip: 'horizontal' }],
    ['fv', { flip: 'vertical' }],
    ['D0', { lowLight: true }],
    ['d1', { lowLight: false }],
  ];
  for (const [text, command] of cases) assert.deepEqual(parsePiSenseHat(text), [command], text);
});

test('each line is a command; other lines among them are text, and empty ones are ignored', () => {
  const cases: [string, Command[]][] = [
    ['*,*,off\nR180\n0,0,red', [{ x: '*', y: '*', color: 'off' }, { rotation: 180 }, { x: 0, y: 0, color: 'red' }]],
    ['R90\r\nFH\r\n', [{ rotation: 90 }, { flip: 'horizontal' }]],
    ['R180\nHello, world: 1,2', [{ rotation: 180 }, { text: 'Hello, world: 1,2' }]],
    [' \nD0', [{ text: ' ' }, { lowLight: true }]],
    ['\n\nD1\n\n', [{ lowLight: false }]],
  ];
  for (const [text, commands] of cases) assert.deepEqual(parsePiSenseHat(text), commands, JSON.stringify(text));
});

test('everything else is text', () => {
  const texts = [
    '',
    ' ',
    '\n',
    'A',
    'Hello',
    'Hello\nWorld',
    'constructor',
    // Almost settings.
    'R',
    'R45',
    'R360',
    'R090',
    'R 90',
    'R90 ',
    'F',
    'FX',
    'FHV',
    'D2',
    'D01',
    'X1',
    'R90,FH',
    // Almost pixels.
    '0,0',
    '1,2,3',
    '1,2,3,4',
    '1,2,3,4,5,6',
    '0, 0, red',
    ' 0,0,red',
    '0,0,red ',
    '0,0,red,',
    ',0,0,red',
    '0,0,red,1,1',
    '0,0,red;1,1,blue',
    '0;0;red',
    '0,0,',
    '0,0,rgb(1,2,3)',
    '0,0,#',
    '0,0,#red',
    '0-3-5,0,red',
    'x,y,red',
    '*,red',
    '0,0,red\u2028',
    // Numbers and words that are neither places nor colours.
    '10,20,30,40,50',
    '12,5,Monday',
    '2024,10,1,12,30',
    '9,9,red_',
    // A place that is not on the matrix.
    '12,5,black',
    '9,0,red',
    '0,8,#f00',
    '-1,0,blue',
    '3.5,0,blue',
    '0-8,0,blue',
    '*,8,0,0,255',
    '0,0,1,2,3,8,0,red',
    // No colour that it knows.
    '0,0,#f',
    '0,0,#1234567',
  ];
  for (const text of texts) assert.equal(parsePiSenseHat(text), undefined, JSON.stringify(text));
});

test('a command with an invalid colour is refused, not shown as text', () => {
  const cases: [string, unknown][] = [
    ['0,0,reddish', 'reddish'],
    ['1,2,buckle', 'buckle'],
    ['0,0,constructor', 'constructor'],
    ['0,0,#12345', '#12345'],
    ['0,0,0,0,256', [0, 0, 256]],
    ['0,0,red,1,1,999,0,0', [999, 0, 0]],
  ];
  for (const [command, value] of cases) {
    assert.throws(
      () => parsePiSenseHat(command),
      { code: 'BAD_COMMAND', text: 'BAD_COMMAND-color', values: { value: shown(value), command: shown(command) } },
      command,
    );
  }
});

test('a payload with an invalid line is refused, and the error names that line', () => {
  assert.throws(() => parsePiSenseHat('*,*,off\n7,7,reddish\nHello'), {
    code: 'BAD_COMMAND',
    values: { value: '"reddish"', command: '"7,7,reddish"' },
  });
});

test('a long text and a long list of pixels are parsed quickly', () => {
  for (const text of ['1'.repeat(100_000), '1-'.repeat(50_000), '1,'.repeat(50_000), 'a'.repeat(100_000)]) {
    const start = performance.now();
    assert.equal(parsePiSenseHat(text), undefined);
    assert(performance.now() - start < 1000, text.slice(0, 4));
  }
  assert.equal(parsePiSenseHat(Array(10_000).fill('1,2,red').join(','))?.length, 10_000);
});

test('speed is from 1 to 5, and 3 is the pace of python-sense-hat', () => {
  const cases: [unknown, number][] = [
    [1, 0.16],
    [2, 0.13],
    [3, 0.1],
    [4, 0.07],
    [5, 0.04],
    ['2', 0.13],
    [4.9, 0.07],
  ];
  for (const [speed, seconds] of cases) assert.equal(speedToSecondsPerColumn(speed), seconds, shown(speed));
  for (const speed of [0, 6, -1, 'fast', '', Number.NaN, Number.POSITIVE_INFINITY, null, undefined, true, [3]]) {
    assert.throws(
      () => speedToSecondsPerColumn(speed),
      { code: 'BAD_NUMBER', text: 'BAD_NUMBER-speed', values: { value: shown(speed) } },
      shown(speed),
    );
  }
});

test('the properties of a message set the options of its text', () => {
  const cases: [PiSenseHatProperties, object][] = [
    [{}, {}],
    [
      { color: 'red', background: 'off' },
      { color: 'red', background: 'off' },
    ],
    [{ colour: 'red' }, { color: 'red' }],
    [{ color: '', colour: 'blue' }, { color: 'blue' }],
    [{ color: 'red', colour: 'blue' }, { color: 'red' }],
    [
      { color: '190,255,0', background: '0,0,64' },
      { color: [190, 255, 0], background: [0, 0, 64] },
    ],
    [{ color: [1, 2, 3] }, { color: [1, 2, 3] }],
    [{ speed: 5 }, { secondsPerColumn: 0.04 }],
    [{ speed: '' }, {}],
    [{ speed: null }, {}],
  ];
  for (const [message, options] of cases) {
    const given = Object.entries(piSenseHatOptions(message)).filter(([, value]) => value !== undefined);
    assert.deepEqual(Object.fromEntries(given), options, shown(message));
  }
  assert.throws(() => piSenseHatOptions({ speed: 'fast' }), { code: 'BAD_NUMBER' });
});
