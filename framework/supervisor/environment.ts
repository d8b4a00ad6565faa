/**
 * The variables a supervised program gets, and no others: what its parent happens to hold is nobody's to pass on.
 * @module
 */
import type { Service } from "./service.ts";

/** The surroundings of every program: where it finds programs, caches, certificates and the way to the registries. */
const passedOn =
  /^(PATH|HOME|LANG|TMPDIR|XDG_CACHE_HOME|STEWARD_CACHE|SSL_CERT_FILE|SSL_CERT_DIR|(HTTPS?|ALL|NO)_PROXY|(https?|all|no)_proxy|UV_.+|PIP_.+)$/;

/** The few variables of this process that every program may have. */
export function pickBaseEnvironment(): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && passedOn.test(name)) picked[name] = value;
  }
  return picked;
}

/** What a program is told by its supervisor. */
export interface Told {
  /** Where to answer its probe. @default its probe is no socket */
  readonly healthSocket?: string | undefined;
  /** A newer description has taken its place: it works off what it has and takes nothing new. @default false */
  readonly superseded?: boolean;
}

/** The environment of a service's program, of its `afterStart` and of its `preflight`. */
export function composeEnvironment(
  service: Service,
  { healthSocket, superseded = false }: Told = {},
): Record<string, string> {
  return {
    ...pickBaseEnvironment(),
    ...service.environment,
    ...service.secrets,
    ...(healthSocket === undefined ? {} : { STEWARD_HEALTH_SOCKET: healthSocket }),
    ...(superseded ? { STEWARD_SUPERSEDED: "1" } : {}),
  };
}
