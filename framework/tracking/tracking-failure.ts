/**
 * How the tracking server refuses: a code that MLflow's clients decide by, a status, and a message for a person.
 * @module
 */

/** The statuses of the codes, as MLflow's own server pairs them. */
const statuses = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  BAD_REQUEST: 400,
  INVALID_STATE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  REQUEST_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  FEATURE_DISABLED: 400,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
} as const satisfies Readonly<Record<string, number>>;

export type TrackingErrorCode = keyof typeof statuses;

/**
 * Thrown wherever a request cannot be answered. Its message goes out as it is: no path of this machine, no secret.
 *
 * Clients repeat whatever ends in 408, 429 or 5xx, seven times, writes too. So a 5xx is for what may be sent again without
 * harm, and every write must be one that changes nothing when it comes a second time.
 */
export class TrackingFailure extends Error {
  override readonly name = "TrackingFailure";
  readonly code: TrackingErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param headers sent along @default {} */
  constructor(code: TrackingErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = statuses[code];
    this.headers = headers;
  }
}

/** What is thrown for a value that cannot be taken: 400. */
export function invalid(message: string): TrackingFailure {
  return new TrackingFailure("INVALID_PARAMETER_VALUE", message);
}

/** What is thrown for what is not there: 404, with the code that makes a client answer "none". */
export function missing(message: string): TrackingFailure {
  return new TrackingFailure("RESOURCE_DOES_NOT_EXIST", message);
}

/** The body of a refusal. */
export function describeFailure({ code, message }: TrackingFailure): object {
  return { error_code: code, message };
}
