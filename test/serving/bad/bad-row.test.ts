import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GivenServer } from "../given-server.ts";
import { findLeaks } from "./find-leaks.ts";
import { releaseStays } from "./given-stays.ts";
import { RawConnection, type RawReply } from "./raw-connection.ts";
import { soundRow, typedCases } from "./typed-cases.ts";

const given = new GivenServer();
let port = 0;
beforeAll(async () => {
  await given.prepare();
  await releaseStays({ store: given.store, move: (name, value) => given.store.setRef(name, 1, value) });
  port = await given.start({ log: { requests: "none", durability: "memory" } });
});
afterAll(() => given.remove());

/** A request of the typed route. */
function compose(body: string | Buffer, query = ""): Buffer {
  const bytes = Buffer.from(body);
  const head = `POST /storms/predict${query} HTTP/1.1\r\nhost: a\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), bytes]);
}

const readValue = (reply: RawReply | undefined): unknown =>
  (JSON.parse(reply?.body ?? "{}") as { readonly value?: unknown }).value;

describe("a typed request", () => {
  it.each(typedCases.map((one) => [one.name, one] as const))("%s is refused", async (_name, one) => {
    using connection = await RawConnection.open(port);
    const refused = await connection.ask(compose(one.body, one.query));
    expect(refused?.status, refused?.body).toBe(one.status ?? 400);
    const { error, ...more } = JSON.parse(refused?.body ?? "{}") as { readonly error?: string };
    expect(error).toContain(one.says);
    expect(Object.keys(more).filter((name) => name !== "problems")).toEqual([]);
    expect(refused?.body.length).toBeLessThan(20_000);
    expect(findLeaks(error ?? "")).toEqual([]);
    expect(readValue(await connection.ask(compose(soundRow)))).toBe(5.5);
  });

  it("has a name, and is the fault of its caller alone", () => {
    const names = typedCases.map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
    expect(given.lines.filter((line) => line.includes("failed"))).toEqual([]);
  });
});
