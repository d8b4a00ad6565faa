/**
 * Why a batch is not taken, as an answer other than 2xx.
 * @module
 */

/** Thrown wherever a request is not taken. Its message holds no path and no secret: it goes out as it is. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
