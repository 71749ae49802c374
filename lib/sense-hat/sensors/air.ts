/** The Magnus formula over water for -45 to 60 °C, with the constants of WMO-No. 8, annex 4.B. */
const MAGNUS = { hPa: 6.112, slope: 17.62, celsius: 243.12 };

/** The ICAO standard atmosphere: how far it reaches in metres at its lapse rate, and the exponent of the pressure. */
const STANDARD_ATMOSPHERE = { metres: 44_330, exponent: 5.255 };

/** The vapour pressure of saturated air in hPa at a temperature in °C. */
export function saturationPressure(celsius: number): number {
  return MAGNUS.hPa * Math.exp((MAGNUS.slope * celsius) / (MAGNUS.celsius + celsius));
}

/** The relative humidity, in percent from 0 to 100, that air of one temperature in °C has at another. */
export function humidityAt(celsius: number, humidity: number, from: number): number {
  const percent = (humidity * saturationPressure(from)) / saturationPressure(celsius);
  return Math.min(100, Math.max(0, percent));
}

/** The dew point in °C of air at a temperature in °C and a relative humidity in percent; completely dry air has none. */
export function dewPoint(celsius: number, humidity: number): number | undefined {
  if (!(humidity > 0)) return undefined;
  const exponent = Math.log(humidity / 100) + (MAGNUS.slope * celsius) / (MAGNUS.celsius + celsius);
  return (MAGNUS.celsius * exponent) / (MAGNUS.slope - exponent);
}

/**
 * The pressure at sea level in hPa for one measured at an altitude in metres, by the standard atmosphere. The measured
 * temperature is not used, because a HAT is mostly indoors.
 */
export function seaLevelPressure(hPa: number, altitudeM: number): number {
  const { metres, exponent } = STANDARD_ATMOSPHERE;
  return hPa / (1 - altitudeM / metres) ** exponent;
}
