import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { StewardError } from "../../../framework/definitions/problem.ts";
import { failure } from "../../support/failure.ts";
import { findFreePort } from "../../support/minio.ts";
import { querySpec, useDatabase } from "./database.ts";

const { server, list, read } = useDatabase();
const secret = "s3cret/pass word";

beforeAll(async () => {
  await server.sql.unsafe("CREATE TABLE things (id int, t timestamptz, word text, other int)");
  await server.sql.unsafe("INSERT INTO things VALUES (1, '2024-01-01Z', 'a', 1), (2, '2024-01-02Z', 'b', NULL)");
  await server.sql.unsafe(`CREATE ROLE reader LOGIN PASSWORD '${secret}'`);
  await server.sql.unsafe("CREATE SEQUENCE counter");
});

const addressOf = (user: string, password: string, rest = `127.0.0.1:${server.port}/postgres`) =>
  `postgres://${user}:${encodeURIComponent(password)}@${rest}`;

/** How many connections of Steward the server has. */
async function countConnections(): Promise<number> {
  const [row] = await server.sql`SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'steward'`;
  return row?.["n"];
}

async function untilConnections(expected: number): Promise<void> {
  await expect.poll(countConnections, { timeout: 5_000 }).toBe(expected);
}

describe("a query that is not right", () => {
  it.each([
    ["of another grammar", { query: "SELEC 1" }, "query-invalid", "syntax error"],
    [
      "of several statements",
      { query: "SELECT * FROM things; DROP TABLE things" },
      "query-invalid",
      "multiple commands",
    ],
    [
      "that leaves its parentheses",
      { query: "SELECT 1) AS a; DELETE FROM things; SELECT * FROM (SELECT 1" },
      "query-invalid",
      "syntax error",
    ],
    ["that writes", { query: "DELETE FROM things RETURNING *" }, "query-invalid", "syntax error"],
    [
      "that writes on its way",
      { query: "WITH gone AS (DELETE FROM things RETURNING *) SELECT * FROM gone" },
      "query-invalid",
      "WITH clause",
    ],
    [
      "that writes in a function",
      { query: "SELECT nextval('counter') AS id" },
      "query-invalid",
      "read-only transaction",
    ],
    ["that gives nothing", { query: "SET search_path = public" }, "query-invalid", "gives no columns"],
    ["of a table that is not there", { query: "SELECT * FROM nowhere" }, "query-invalid", "nowhere"],
    ["that fails at a row", { query: "SELECT 1 / (id - id) AS id FROM things" }, "query-invalid", "division by zero"],
    ["without its cursor", { query: "SELECT id FROM things", cursor: "t" }, "cursor-invalid", '"id"'],
    ["with its cursor twice", { query: "SELECT t, t FROM things", cursor: "t" }, "cursor-invalid", "more than one"],
    [
      "with words for a cursor",
      { query: "SELECT * FROM things", cursor: "word" },
      "cursor-invalid",
      "neither a number nor a time",
    ],
    ["with a cursor that is null", { query: "SELECT * FROM things", cursor: "other" }, "cursor-invalid", "1 row"],
    ["with a cursor that never ends", { query: "SELECT 'NaN'::float8 AS n", cursor: "n" }, "cursor-invalid", "NaN"],
    ["with a lag of numbers", { query: "SELECT * FROM things", cursor: "id", lag: "1 hour" }, "cursor-invalid", "lag"],
  ] as const)("%s is a located problem", async (_what, source, code, said) => {
    const error = await failure(list(querySpec(source)));
    expect(error.problems.map((problem) => problem.code)).toEqual([code]);
    expect(error.problems[0]?.at).toMatch(/^things\.source\.(query|cursor|lag)$/);
    expect(error.message).toContain(said);
    expect((await server.sql`SELECT count(*)::int AS n FROM things`)[0]).toEqual({ n: 2 });
    await untilConnections(0);
  });

  it("of a range that is none is a located problem", async () => {
    const spec = querySpec({ query: "SELECT * FROM things", cursor: "t" });
    const listing = await list(spec);
    const base = listing.files.map(({ name, fingerprint }) => ({
      name,
      fingerprint,
      identity: "",
      rows: 0,
      from: "",
      to: "",
      parts: [],
    }));
    const error = await failure(list(spec, { base, again: { from: "soon" } }));
    expect(error.problems[0]).toMatchObject({ code: "cursor-invalid", got: "from soon to the end" });
  });
});

describe("a database that is not to be had", () => {
  const spec = querySpec({ query: "SELECT * FROM things" });

  it.each([
    ["with a wrong password", () => addressOf("reader", `${secret}!`), "source-refused", "password"],
    ["with an unknown user", () => addressOf("nobody-here", secret), "source-refused", "nobody-here"],
    [
      "that does not exist",
      () => addressOf("reader", secret, `127.0.0.1:${server.port}/nowhere`),
      "source-refused",
      "nowhere",
    ],
    ["whose tables are closed", () => addressOf("reader", secret), "source-refused", "permission denied"],
    ["that takes no encryption", () => `${addressOf("reader", secret)}?sslmode=require`, "source-unreachable", ""],
    ["with an unknown setting", () => `${addressOf("reader", secret)}?no_such=1`, "query-invalid", "no_such"],
    [
      "of an unknown host",
      () => addressOf("reader", secret, "no-such-host.invalid/postgres"),
      "source-unreachable",
      "no-such-host.invalid",
    ],
    ["without an address", () => `reader:${secret}`, "source-refused", "no address"],
    [
      "of another kind",
      () => addressOf("reader", secret).replace("postgres:", "mysql:"),
      "source-refused",
      "no address",
    ],
    ["of two hosts", () => addressOf("reader", secret, "one:1,two:2/postgres"), "source-refused", "no address"],
    [
      "of two hosts behind an encoding",
      () => addressOf("reader", secret, "one%2Ctwo/postgres"),
      "source-refused",
      "no address",
    ],
    [
      "with a password that is not encoded",
      () => "postgres://reader:12/34@127.0.0.1/x",
      "source-refused",
      "no address",
    ],
    ["with a half escape", () => `postgres://reader:${"%zz"}@127.0.0.1/x`, "source-refused", "no address"],
  ])("%s is a located problem that does not tell the password", async (_what, url, code, said) => {
    const error = await failure(list(spec, { url: url() }));
    expect(error.problems.map((problem) => problem.code)).toEqual([code]);
    expect(error.message).toContain(said);
    const told = [error, error.cause].map((one) => `${String(one)} ${JSON.stringify(one)}`).join();
    expect(told).not.toContain(secret);
    expect(told).not.toContain(encodeURIComponent(secret));
    await untilConnections(0);
  });

  it("where nobody listens is a located problem", async () => {
    const port = await findFreePort();
    const error = await failure(list(spec, { url: addressOf("reader", secret, `127.0.0.1:${port}/postgres`) }));
    expect(error.problems[0]).toMatchObject({ code: "source-unreachable", at: "things.source" });
    expect(error.message).toContain("ECONNREFUSED");
  });

  it("without its input is a located problem", async () => {
    const other = querySpec(
      { query: "SELECT 1" },
      { source: { kind: "postgres", url: "input:other.url", query: "SELECT 1" } },
    );
    expect((await failure(list(other))).problems[0]).toMatchObject({ code: "input-missing" });
  });

  it("that answers nothing is given up when the work is", async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    const ends = new AbortController();
    const listing = list(spec, { url: addressOf("reader", secret, `127.0.0.1:${port}/x`), signal: ends.signal });
    setTimeout(() => ends.abort(new Error("enough")), 100);
    await expect(listing).rejects.toThrow("enough");
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe("work that is given up", () => {
  it("ends the query on the server too", async () => {
    const ends = new AbortController();
    const listing = list(querySpec({ query: "SELECT pg_sleep(600)::text AS word" }), { signal: ends.signal });
    await untilConnections(1);
    await sleep(200);
    ends.abort(new Error("enough"));
    await expect(listing).rejects.toThrow("enough");
    await untilConnections(0);
  });

  it("ends a reading in its middle, and closes the connection", async () => {
    const query = "SELECT i, repeat('x', 1000) AS filler FROM generate_series(1, 30000) i";
    const { files } = await list(querySpec({ query }));
    const ends = new AbortController();
    const reading = read(files[0], { signal: ends.signal, onProgress: () => ends.abort(new Error("enough")) });
    await expect(reading).rejects.toThrow("enough");
    await untilConnections(0);
  });

  it("is told when the server ends the connection in the middle of a reading", async () => {
    const query = "SELECT i, repeat('x', 1000) AS filler FROM generate_series(1, 30000) i";
    const { files } = await list(querySpec({ query }));
    let killing: Promise<unknown> | undefined;
    const onProgress = () => {
      killing ??=
        server.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'steward'`.execute();
    };
    const error = await read(files[0], { onProgress }).catch((thrown: unknown) => thrown);
    await killing;
    expect(error).toBeInstanceOf(StewardError);
    expect((error as StewardError).problems[0]?.code).toBe("source-unreachable");
    await untilConnections(0);
  });
});
