import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GivenServer } from "../given-server.ts";
import type { Answer } from "../storm-model.ts";
import { type BodyCase, compose, sound, soundAnswer } from "./bad-case.ts";
import { findLeaks } from "./find-leaks.ts";
import { memberCases } from "./member-cases.ts";
import { askOnce, RawConnection, type RawReply } from "./raw-connection.ts";
import { rightCases } from "./right-cases.ts";
import { syntaxCases } from "./syntax-cases.ts";
import { tensorCases } from "./tensor-cases.ts";
import { valueCases } from "./value-cases.ts";

const given = new GivenServer();
let port = 0;
beforeAll(async () => {
  await given.prepare();
  await given.promote(1);
  port = await given.start({ log: { requests: "none", durability: "memory" } });
});
afterAll(() => given.remove());

/** Asks on a connection that has been answered before, and then once more whether it still is. */
async function askTaught(body: string | Buffer, sibling = sound): Promise<readonly (RawReply | undefined)[]> {
  using connection = await RawConnection.open(port);
  // The first teaches what such bodies have in common, the second is read by that.
  for (let times = 0; times < 2; times++) expect(await connection.ask(compose(sibling))).toMatchObject({ status: 200 });
  const asked = await connection.ask(compose(body));
  return [asked, connection.isClosed ? await askOnce(port, compose(sound)) : await connection.ask(compose(sound))];
}

function readProbability(reply: RawReply | undefined): unknown {
  return (JSON.parse(reply?.body ?? "{}") as Answer).outputs?.[0]?.data[0];
}

const withoutDate = (reply: RawReply | undefined) => reply && { status: reply.status, body: reply.body };

describe.each([
  ["that is no JSON", syntaxCases],
  ["whose values are none of their datatypes", valueCases],
  ["whose tensors are not the model's", tensorCases],
  ["with something wrong around its tensors", memberCases],
] as const)("a body %s", (_title, cases) => {
  it.each(cases.map((one) => [one.name, one] as const))(
    "%s is refused, however it comes",
    async (_name, one: BodyCase) => {
      const first = await askOnce(port, compose(one.body));
      const [taught, after] = await askTaught(one.body, one.sibling);
      // What a connection says of itself takes it from the fast path.
      const general = await askOnce(port, compose(one.body, "connection: close"));
      const { error } = JSON.parse(first?.body ?? "{}") as { readonly error?: string };
      expect(first?.status, first?.body).toBe(one.status ?? 400);
      expect(error).toContain(one.says);
      expect(Object.keys(JSON.parse(first?.body ?? "{}"))).toEqual(["error"]);
      expect((error ?? "").length).toBeLessThan(6000);
      expect(findLeaks(error ?? "")).toEqual([]);
      expect([taught, general].map(withoutDate)).toEqual([first, first].map(withoutDate));
      expect(readProbability(after)).toBeCloseTo(soundAnswer, 6);
    },
  );
});

describe("a body that looks odd", () => {
  it.each(rightCases.map((one) => [one.name, one] as const))(
    "%s is answered, however it comes",
    async (_name, { body, score }) => {
      const first = await askOnce(port, compose(body));
      const [taught, after] = await askTaught(body);
      const general = await askOnce(port, compose(body, "connection: close"));
      for (const reply of [first, taught, general]) {
        expect(reply?.status, reply?.body).toBe(200);
        expect(readProbability(reply)).toBeCloseTo(1 / (1 + Math.exp(-score)), 6);
      }
      expect(readProbability(after)).toBeCloseTo(soundAnswer, 6);
    },
  );
});

describe("the bad bodies", () => {
  it("have a name each", () => {
    const names = [...syntaxCases, ...valueCases, ...tensorCases, ...memberCases].map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
  });

  it("are the fault of their callers alone", () => {
    expect(given.lines.filter((line) => line.includes("failed"))).toEqual([]);
  });
});
