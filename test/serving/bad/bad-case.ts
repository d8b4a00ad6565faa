/**
 * A request that is wrong in one way, and what is to be said of it.
 * @module
 */
import { ask, model } from "../storm-model.ts";

/** A body for the inference of the storm model. */
export interface BodyCase {
  readonly name: string;
  readonly body: string | Buffer;
  /** @default 400 */
  readonly status?: number;
  /** What the error says, among others. */
  readonly says: string;
  /** A sound body that differs in its values alone: a connection that has sent it has learnt to read such bodies. @default `sound` */
  readonly sibling?: string;
}

/** Bytes of a whole request, or of what is none. */
export interface RawCase {
  readonly name: string;
  readonly bytes: string | Buffer;
  readonly status: number;
  readonly says: string;
  /** Whether the caller closes its half after the bytes. @default false */
  readonly ends?: boolean;
}

export const inferPath = `/v2/models/${model}/infer`;

/** A sound body, which is answered with `soundAnswer`. */
export const sound = JSON.stringify(ask({ wind: 1, region: "south" }));
/** The probability that the storm model gives to it: of a score of 2.5. */
export const soundAnswer = 1 / (1 + Math.exp(-2.5));

/** A sound body with one of its tensors changed. */
export function withWind(change: object | string): string {
  const { inputs } = ask({ wind: 1, region: "south" });
  const [wind, ...others] = inputs;
  if (typeof change === "object") return JSON.stringify({ inputs: [{ ...wind, ...change }, ...others] });
  return JSON.stringify({ inputs: ["?", ...others] }).replace('"?"', () => change);
}

/** A tensor of wind whose value stands in the text as it is given, which JSON may know no way to write. */
export function windOf(datatype: string, ...values: readonly string[]): string {
  return withWind(`{"name":"wind","datatype":"${datatype}","shape":[${values.length}],"data":[${values.join(",")}]}`);
}

/** A request for an inference. */
export function compose(body: string | Buffer, ...headers: readonly string[]): Buffer {
  const bytes = Buffer.from(body);
  const head = [`POST ${inferPath} HTTP/1.1`, "host: a", `content-length: ${bytes.length}`, ...headers, "", ""];
  return Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), bytes]);
}
