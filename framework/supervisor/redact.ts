/**
 * Takes secrets out of what programs print, before it is shown to anyone.
 * @module
 */
import type { Service } from "./service.ts";

/** Shorter values hide nothing and would black out half of every line. */
const shortestSecret = 4;

/**
 * The text with every secret of the service replaced by `***`; so are the lines of one with several, and of one that is
 * JSON, such as a connection, the texts whose names say that they are secret.
 */
export function redact(text: string, service: Pick<Service, "secrets">): string {
  return Object.values(service.secrets)
    .flatMap((secret) => [secret, ...secret.split("\n"), ...listNamedSecrets(secret)])
    .filter((secret) => secret.length >= shortestSecret)
    .sort((a, b) => b.length - a.length)
    .reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
}

/** The texts in a JSON object, at any depth, under a name like `secretKey`. */
function listNamedSecrets(json: string): string[] {
  if (!json.startsWith("{")) return [];
  const found: string[] = [];
  try {
    JSON.parse(json, (name, value: unknown) => {
      if (typeof value === "string" && /secret|password|token/i.test(name)) found.push(value);
      return value;
    });
  } catch {
    // It only begins like JSON.
  }
  return found;
}
