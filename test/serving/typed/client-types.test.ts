import { describe, expect, it } from "vitest";
import { clientHeader, type RequestType, sayType, type TypeColumn } from "../../../framework/client/request-type.ts";
import { Refusal } from "../../../framework/http/refusal.ts";
import { digestBytes } from "../../../framework/plan/digest.ts";
import { ClientTypes } from "../../../framework/serving/typed/client-types.ts";

/** In milliseconds, where the processor has others to serve too: without limits these take several times as long, or end in an error. */
const most = 1000;
const many = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`);
const column: TypeColumn = { name: "a", type: "string", nullable: false, values: many(2000, "v") };
const type: RequestType = {
  format: "request-type/1",
  columns: [column],
  eventTime: "at",
  task: "multiclass",
  classes: many(2000, "c"),
};
const callers = {
  shape: { columns: [{ ...column, known: "0 seconds" as const }], eventTime: "at" },
  answer: { task: "multiclass" as const, classes: many(2000, "c") },
};
const nothing = { readName: async () => undefined, getJson: () => Promise.reject(new Error("there is nothing")) };

/** What a client is told whose type, as it writes it, nobody knows; and how long the processor takes for it, in milliseconds. */
async function tell(text: string, header = `sha256:${digestBytes(text)}`) {
  const clients = new ClientTypes(nothing as never);
  const started = process.threadCpuUsage();
  const told = { header, document: Buffer.from(text) };
  const error = await clients.check(told, callers as never, "e").catch((thrown: unknown) => thrown);
  const [status, said] = error instanceof Refusal ? [error.status, error.message] : [error, ""];
  const { user, system } = process.threadCpuUsage(started);
  return { status, said, took: (user + system) / 1000 };
}

const write = (change: object) => JSON.stringify({ ...type, ...change });

describe("a request type that a client tells", () => {
  it("is compared", async () => {
    const other = { ...type, columns: [...type.columns, { ...column, name: "b" }] };
    expect(await tell(sayType(other))).toMatchObject({
      status: 409,
      said: expect.stringContaining('column "b" was removed'),
    });
  });

  it.each<[string, string]>([
    ["columns that are none", write({ columns: many(300_000, "").map(() => ({})) })],
    ["columns that are numbers", write({ columns: many(300_000, "").map(() => 1) })],
    ["values that are none", write({ columns: [{ ...column, values: many(300_000, "").map(() => 1) }] })],
    ["classes that are none", write({ classes: many(300_000, "").map(() => []) })],
    [
      "more columns than any table has",
      write({ columns: many(10_001, "c").map((name) => ({ ...column, name, values: [] })) }),
    ],
    [
      "half a character",
      write({ eventTime: "a" }).replace('"a"', '"\\ud800"').replace("request-type/1", "request-type/0"),
    ],
  ])("is refused at once for %s", async (_title, text) => {
    const { status, took } = await tell(text);
    expect(status).toBe(400);
    expect(took).toBeLessThan(most);
  });

  it("is refused where it is longer than any", async () => {
    expect(await tell(write({ classes: many(150_000, "class") }))).toMatchObject({ status: 413 });
  });

  it("is refused where its header names another", async () => {
    expect(await tell(sayType(type), `sha256:${"0".repeat(64)}`)).toMatchObject({
      status: 400,
      said: expect.stringContaining(`is not the request type that ${clientHeader} names`),
    });
  });

  it.each<[string, string]>([
    ["values", sayType({ ...type, columns: [{ ...column, values: many(100_000, "w") }] })],
    ["classes", sayType({ ...type, classes: many(100_000, "w") })],
    ["columns of one name", write({ columns: many(10_000, "").map(() => ({ ...column, values: ["x"] })) })],
    ["half characters", write({ columns: [{ ...column, name: "?" }] }).replace('"?"', '"\\ud800"')],
  ])("is compared in no time, whatever of %s it has", async (_title, text) => {
    const { status, took } = await tell(text);
    expect(status).toBe(409);
    expect(took).toBeLessThan(most);
  });
});
