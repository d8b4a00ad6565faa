/**
 * What the serve flow takes.
 * @module
 */
export interface ServeInput {
  /** The model server: `http://127.0.0.1:8080`. */
  readonly address: string;
  readonly model: string;
  readonly version: number;
  /** The package's digest. */
  readonly package: string;
}
