/**
 * The parts of a moment in UTC, as DuckDB reads them. They allocate nothing.
 * @module
 */

/** ISO 8601: 1 is Monday. */
export function dayOfWeek(time: Date): number {
  return time.getUTCDay() || 7;
}

const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;

export function dayOfYear(time: Date): number {
  const month = time.getUTCMonth();
  const leapDay = month > 1 && isLeap(time.getUTCFullYear()) ? 1 : 0;
  return (daysBefore[month] ?? Number.NaN) + time.getUTCDate() + leapDay;
}

/** ISO 8601: week 1 is the one that has the year's first Thursday. */
export function weekOfYear(time: Date): number {
  const year = time.getUTCFullYear();
  const week = Math.floor((dayOfYear(time) - dayOfWeek(time) + 10) / 7);
  if (week < 1) return weeksIn(year - 1);
  return week > weeksIn(year) ? 1 : week;
}

function weeksIn(year: number): number {
  return lastDay(year) === 4 || lastDay(year - 1) === 3 ? 53 : 52;
}

/** The day of the week of December 31st, 0 to 6, 0 being Sunday. */
function lastDay(year: number): number {
  const days = year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  // Negative before our era.
  return ((days % 7) + 7) % 7;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
