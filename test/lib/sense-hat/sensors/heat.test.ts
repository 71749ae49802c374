import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Correction, correctedTemperature, correctionFactor } from '../../../../lib/sense-hat/sensors/heat';

test('each correction gives the temperature of the room', () => {
  const table: [Correction, number | undefined, number | undefined][] = [
    [{ kind: 'none' }, 55, 35],
    [{ kind: 'cpu', factor: 2 }, 55, 25],
    [{ kind: 'cpu', factor: 0.5 }, 42, 21],
    [{ kind: 'cpu', factor: 2 }, undefined, undefined],
    [{ kind: 'offset', offsetC: -9.5 }, undefined, 25.5],
    [{ kind: 'offset', offsetC: 1 }, 55, 36],
  ];
  for (const [correction, cpu, expected] of table) {
    assert.equal(correctedTemperature(35, correction, cpu), expected, JSON.stringify(correction));
  }
});

test('the factor that a room gives corrects to the temperature of that room', () => {
  for (const [room, measured, cpu] of [
    [21.5, 35, 55],
    [21.5, 33.2, 48.7],
    [-5, 12, 30],
    [21, 22, 60],
  ] as const) {
    const factor = correctionFactor(room, measured, cpu);
    const corrected = correctedTemperature(measured, { kind: 'cpu', factor }, cpu) as number;
    assert(Math.abs(corrected - room) < 0.1, `${room}: ${factor} gives ${corrected}`);
  }
});

test('a room that no factor can explain throws BAD_ROOM with what was measured', () => {
  const table: [room: number, measured: number, cpu: number, text: string][] = [
    [35, 35, 55, 'BAD_ROOM-warmer'],
    [40, 35, 55, 'BAD_ROOM-warmer'],
    [-270, 35, 55, 'BAD_ROOM'],
    [34.9, 35, 55, 'BAD_ROOM'],
    [21, 35, 35, 'BAD_ROOM'],
    [21, 35, 30, 'BAD_ROOM'],
  ];
  for (const [room, measured, cpu, text] of table) {
    const values = { room: String(room), measured: measured.toFixed(1), cpu: cpu.toFixed(1) };
    assert.throws(() => correctionFactor(room, measured, cpu), { code: 'BAD_ROOM', text, values }, `${room}`);
  }
});
