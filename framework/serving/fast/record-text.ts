/**
 * The records of requests to one live model, as JSON: what they have in common is written once. Pure.
 * @module
 */
import type { LiveModel } from "../live-model.ts";
import { createOutputs, listOutputs } from "../protocol.ts";
import type { TensorValue } from "../tensor.ts";

/** What a record tells besides what all records of a model do. */
export interface RecordFacts {
  /** Printable ASCII without quotes and backslashes. */
  readonly id: string;
  /** As ISO 8601 has it. */
  readonly time: string;
  readonly rows: number;
  /** Of the inputs, one row after the other. */
  readonly values: readonly TensorValue[];
  readonly answers: readonly number[];
  readonly latencyMicroseconds: number;
}

/** Writes records as `inferRows` describes them, without the opening brace. */
export class RecordText {
  readonly #live: Pick<LiveModel, "package">;
  readonly #model: string;
  /** What stands before the values of each input. */
  readonly #inputs: readonly string[];
  readonly #outputs: readonly string[];

  constructor(live: Pick<LiveModel, "package" | "version" | "digest">, endpoint: string) {
    const { model, inputs } = live.package;
    this.#live = live;
    const common = { endpoint, model, version: live.version, package: live.digest };
    this.#model = JSON.stringify(common).slice(1, -1);
    this.#inputs = inputs.map(({ name }, place) => `${place === 0 ? "" : ","}${JSON.stringify(name)}:[`);
    this.#outputs = listOutputs(live.package).map(({ name }) => JSON.stringify(name));
  }

  write({ id, time, rows, values, answers, latencyMicroseconds }: RecordFacts): string {
    const width = this.#inputs.length;
    let text = `"id":"${id}","time":"${time}",${this.#model},"inputs":{`;
    for (let place = 0; place < width; place++) {
      text += (this.#inputs[place] as string) + writeValue(values[place]);
      for (let row = 1; row < rows; row++) text += `,${writeValue(values[row * width + place])}`;
      text += "]";
    }
    const outputs = createOutputs(this.#live.package, answers);
    const written = outputs.map(({ data }, i) => `${this.#outputs[i]}:${JSON.stringify(data)}`);
    return `${text}},"outputs":{${written.join(",")}},"latencyMicroseconds":${latencyMicroseconds}}`;
  }
}

function writeValue(value: TensorValue | undefined): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value ?? null);
}
