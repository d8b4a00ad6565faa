/**
 * What generated pages begin with.
 * @module
 */

/** Says to whoever opens the file where to change it. It is not shown. */
export function generated(from: string): string {
  return `<!-- Written by npm run docs from ${from}: change it there. -->`;
}
