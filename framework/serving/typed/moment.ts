/**
 * Moments as callers write them: RFC 3339, to the microsecond, which is what tables hold. Pure.
 * @module
 */

/** A moment, as expressions take it and in microseconds since 1970. */
export interface Moment {
  /** To the millisecond below. */
  readonly date: Date;
  readonly microseconds: bigint;
}

const form = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Reads a moment: `2026-03-01T09:30:00Z`, `2026-03-01T10:30:00.25+01:00`. @returns nothing for a text that is none */
export function parseMoment(text: string): Moment | undefined {
  const [, day = "", hour, minute, second, fraction = "", sign, offsetHour = 0, offsetMinute = 0] =
    form.exec(text) ?? [];
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // A day that the month does not have is read as one of the next.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return undefined;
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 23 || minutes > 59 || seconds > 59 || Number(offsetHour) > 23 || Number(offsetMinute) > 59)
    return undefined;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === "-" ? -1 : 1);
  const whole = midnight + ((hours * 60 + minutes - offset) * 60 + seconds) * 1000;
  return fromMicroseconds(BigInt(whole) * 1000n + BigInt(fraction.padEnd(6, "0")));
}

/** The moment of a number of microseconds since 1970. */
export function fromMicroseconds(microseconds: bigint): Moment {
  const rest = ((microseconds % 1000n) + 1000n) % 1000n;
  return { date: new Date(Number((microseconds - rest) / 1000n)), microseconds };
}
