/**
 * The records of requests to one live model, as JSON: what they have in common is written once, and the values stand in a record as
 * they stood in the body. Pure.
 * @module
 */
import type { LiveModel } from "../live-model.ts";
import { beginValues, endValues, type LikeRecord } from "../log/short-record.ts";
import { listOutputs } from "../protocol.ts";
import { noteOrigin, type Origin } from "../trace/origin.ts";
import type { VariantNote } from "../variants/live-variants.ts";
import { listPlaces, type ValuePlaces, type ValueRun } from "./request-template.ts";

/** What a record tells besides what all records of a model do. */
export interface RecordFacts {
  /** Printable ASCII without quotes and backslashes. */
  readonly id: string;
  /** As ISO 8601 has it. */
  readonly time: string;
  /** Of the request: JSON. */
  readonly body: Buffer;
  readonly rows: number;
  /** Where the values of the rows stand in the body. */
  readonly places: ValuePlaces;
  /** What the outputs say, as `writeOutputs` writes them. */
  readonly outputs: readonly string[];
  readonly latencyMicroseconds: number;
  /** Printable ASCII. @default its caller named none */
  readonly unit?: string | undefined;
  /** The request's id, and the trace that it is part of. @default it says neither */
  readonly origin?: Origin | undefined;
}

const comma = 0x2c;
const ending = Buffer.from(endValues);

/** Writes records as `inferRows` describes them, in UTF-8 without the opening brace. */
export class RecordText {
  /** What all records say of the model, and the beginning of the inputs. */
  readonly #common: Buffer;
  /** What stands before the values of each input, one behind the other, and where each ends. */
  readonly #heads: Uint8Array;
  readonly #headEnds: readonly number[];
  readonly #outputs: readonly string[];
  /** Whether what records say of answers is ASCII. */
  readonly #isPlain: boolean;

  /** @param note what all records say of the variant */
  constructor(live: Pick<LiveModel, "package" | "version" | "digest">, endpoint: string, note: VariantNote = {}) {
    const { model, inputs } = live.package;
    const common = JSON.stringify({ endpoint, model, version: live.version, package: live.digest, ...note });
    this.#common = Buffer.from(`${common.slice(1, -1)},"inputs":{`);
    const heads = inputs.map(({ name }, place) => Buffer.from(`${place === 0 ? "" : "],"}${JSON.stringify(name)}:[`));
    let end = 0;
    this.#headEnds = heads.map(({ length }) => {
      end += length;
      return end;
    });
    this.#heads = Uint8Array.from(Buffer.concat(heads));
    this.#outputs = listOutputs(live.package).map(({ name }) => `${JSON.stringify(name)}:`);
    const said = [...this.#outputs, ...(live.package.classes ?? [])].join("");
    this.#isPlain = Buffer.byteLength(said) === said.length;
  }

  /** A record as it goes to the log: short where its values are a run. */
  compose(facts: RecordFacts): Buffer | LikeRecord {
    const { places } = facts;
    if ("length" in places || !this.#isPlain) return this.write(facts);
    const text = `${writeBeginning(facts)}${this.#writeAnswers(facts)}${beginValues}`;
    const size = text.length + this.#common.length + this.#heads.length + places.end - places.start;
    return new RunRecord(this, { facts, text, run: places, size });
  }

  #writeAnswers({ outputs, latencyMicroseconds }: Pick<RecordFacts, "outputs" | "latencyMicroseconds">): string {
    let written = "";
    for (let i = 0; i < outputs.length; i++) written += `${i === 0 ? "" : ","}${this.#outputs[i]}[${outputs[i]}]`;
    return `"outputs":{${written}},"latencyMicroseconds":${latencyMicroseconds}`;
  }

  write(facts: RecordFacts): Buffer {
    const { body, rows } = facts;
    const places = listPlaces(body, facts.places);
    const begin = writeBeginning(facts);
    const end = `]},${this.#writeAnswers(facts)}}`;
    const width = this.#headEnds.length;
    let values = (rows - 1) * width;
    for (let i = 0; i < rows * width * 2; i += 2) values += (places[i + 1] as number) - (places[i] as number);
    const inputs = this.#common.length + this.#heads.length + values;
    const room = Buffer.allocUnsafe(begin.length + inputs + Buffer.byteLength(end));
    const at = room.write(begin, 0, "latin1");
    this.#common.copy(room, at);
    this.#copyInputs({ body, rows, places }, room, at + this.#common.length);
    room.write(end, at + inputs);
    return room;
  }

  /** Byte after byte: the parts are too short for calls to be worth it. */
  #copyInputs(
    { body, rows, places }: Pick<RecordFacts, "body" | "rows"> & { readonly places: readonly number[] },
    room: Uint8Array,
    start: number,
  ): void {
    const heads = this.#heads;
    const ends = this.#headEnds;
    const width = ends.length;
    let at = start;
    let from = 0;
    for (let place = 0; place < width; place++) {
      const headEnd = ends[place] as number;
      while (from < headEnd) room[at++] = heads[from++] as number;
      for (let row = 0; row < rows; row++) {
        if (row > 0) room[at++] = comma;
        const index = (row * width + place) * 2;
        const valueEnd = places[index + 1] as number;
        for (let i = places[index] as number; i < valueEnd; i++) room[at++] = body[i] as number;
      }
    }
  }
}

/** The record of a request whose values are a run. */
class RunRecord implements LikeRecord {
  readonly kind: RecordText;
  readonly size: number;
  readonly #facts: RecordFacts;
  /** ASCII: what a short record has before its values. */
  readonly #text: string;
  readonly #run: ValueRun;

  constructor(
    kind: RecordText,
    { facts, text, run, size }: { readonly facts: RecordFacts; text: string; run: ValueRun; size: number },
  ) {
    this.kind = kind;
    this.size = size;
    this.#facts = facts;
    this.#text = text;
    this.#run = run;
  }

  write(): Buffer {
    return this.kind.write(this.#facts);
  }

  writeShort(beginning: string, room: Buffer, from: number): number {
    let at = from + room.write(beginning + this.#text, from, "latin1");
    at += this.#facts.body.copy(room, at, this.#run.start, this.#run.end);
    for (let i = 0; i < ending.length; i++) room[at++] = ending[i] as number;
    return at;
  }
}

/** What stands before what all records of a model say. */
function writeBeginning({ id, time, unit, origin }: Pick<RecordFacts, "id" | "time" | "unit" | "origin">): string {
  const named = unit === undefined ? "" : `"unit":${JSON.stringify(unit)},`;
  const told = origin === undefined ? "" : writeOrigin(origin);
  return `"id":"${id}","time":"${time}",${told}${named}`;
}

/** As the beginning of an object has it. Ids are of characters that JSON has as they are. */
function writeOrigin(origin: Origin): string {
  const fields = Object.entries(noteOrigin(origin)).map(([name, value]) => `"${name}":"${value}",`);
  return fields.join("");
}
