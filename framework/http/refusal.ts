/**
 * A refusal: an answer other than 2xx, with a reason that may be shown to whoever asked.
 * @module
 */

/** Thrown wherever a request cannot be answered. Its message holds no path and no secret: it goes out as it is. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
