import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dewPoint, humidityAt, saturationPressure, seaLevelPressure } from '../../../../lib/sense-hat/sensors/air';

/** Fails unless both values agree to a number of decimals. */
function assertNear(actual: number | undefined, expected: number, decimals: number, message?: string): void {
  assert.equal(actual?.toFixed(decimals), expected.toFixed(decimals), message);
}

test('saturated air has the vapour pressures of the tables', () => {
  // CRC Handbook, vapour pressure of water.
  const table: [number, number][] = [
    [0, 6.1],
    [10, 12.3],
    [20, 23.4],
    [30, 42.4],
    [40, 73.8],
  ];
  for (const [celsius, hPa] of table) {
    assert(Math.abs(saturationPressure(celsius) / hPa - 1) < 0.005, `${celsius} °C: ${saturationPressure(celsius)}`);
  }
});

test('the humidity of heated air rises as it cools, and stays within 0 and 100 percent', () => {
  assertNear(humidityAt(22, 25, 35), 53, 0);
  assertNear(humidityAt(35, 53.2, 22), 25, 0);
  assert.equal(humidityAt(20, 45, 20), 45);
  assert.equal(humidityAt(5, 90, 35), 100);
  assert.equal(humidityAt(5, 0, 35), 0);
});

test('the dew point is the temperature at which the air would be saturated', () => {
  const table: [number, number, number][] = [
    [20, 100, 20],
    [20, 50, 9.26],
    [30, 60, 21.38],
    [-5, 80, -7.92],
  ];
  for (const [celsius, humidity, expected] of table) {
    assertNear(dewPoint(celsius, humidity), expected, 1, `${celsius} °C, ${humidity} %`);
  }
  for (const humidity of [0, Number.NaN]) assert.equal(dewPoint(20, humidity), undefined);
});

test('the dew point does not depend on the heat of the Pi', () => {
  assertNear(dewPoint(22, humidityAt(22, 25, 35)), dewPoint(35, 25) as number, 6);
});

test('the pressure at sea level follows the standard atmosphere, below sea level as well', () => {
  // ICAO Doc 7488: the pressure at an altitude where that at sea level is 1013.25 hPa.
  const table: [number, number][] = [
    [0, 1013.25],
    [500, 954.61],
    [1000, 898.75],
    [3000, 701.09],
    [-400, 1062.22],
  ];
  for (const [altitudeM, hPa] of table) {
    assert(Math.abs(seaLevelPressure(hPa, altitudeM) - 1013.25) < 0.5, `${altitudeM} m`);
  }
});
