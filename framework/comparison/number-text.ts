/**
 * How numbers of runs are written for people: five digits at most, whatever their size. Pure.
 * @module
 */

/** `0.71234`, `31`, `1.2e-7`, `NaN`, `∞`. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
  const short = Number(value.toPrecision(5));
  const size = Math.abs(short);
  return short !== 0 && (size < 1e-4 || size >= 1e7) ? short.toExponential().replace("e+", "e") : String(short);
}

/** A text that is a number, as one of at most five digits; any other as it is, its middle left out where it is long. */
export function formatParam(text: string, most = 32): string {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number) && text.length > 7) return formatValue(number);
  const characters = [...text];
  if (characters.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  return `${characters.slice(0, half).join("")}…${characters.slice(-half).join("")}`;
}
