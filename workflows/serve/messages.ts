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
  /**
   * The endpoint whose routing the server must go by, and since which generation; 0 where it must go by none.
   * @default the version is all that is waited for
   */
  readonly routing?: { readonly endpoint: string; readonly generation: number };
}
