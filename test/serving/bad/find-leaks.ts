/**
 * What an error must not tell: paths, hosts, and the places of a program.
 * @module
 */
import { hostname, tmpdir } from "node:os";

const places = [
  /\n\s+at /,
  /\bnode:/,
  /file:\/\//,
  /\/(?:home|root|tmp|work|usr|var|opt)\//,
  /\.ts:\d+/,
  /\b127\.0\.0\.1\b/,
  /\blocalhost\b/,
  /\b[A-Z]\w*Error\b/,
  /\bE[A-Z]{4,}\b(?<=ECONN\w*|ENOENT|EADDR\w*)/,
];

/** Lists what a text tells that it must not. */
export function findLeaks(text: string): readonly string[] {
  // A short name of a machine may be part of a word of the caller's own.
  const isHost = text.split(/[^\w.-]+/).includes(hostname());
  const own = [...(isHost ? [hostname()] : []), ...[tmpdir(), process.cwd()].filter((name) => text.includes(name))];
  return [...own, ...places.flatMap((place) => place.exec(text)?.[0] ?? [])];
}
