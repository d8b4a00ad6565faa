import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Progress } from "../../../framework/data/progress.ts";
import type { SourceListing } from "../../../framework/data/source-files.ts";
import { type HttpSettings, listAnswer } from "../../../framework/data/sources/http.ts";
import type { SourceSpec } from "../../../framework/definitions/spec.ts";
import { csv, type HttpOptions, http, input } from "../../../framework/index.ts";
import { digestBytes } from "../../../framework/plan/digest.ts";
import { failure } from "../../support/failure.ts";
import { findFreePort } from "../../support/minio.ts";
import { fetchText, reach } from "./accessing.ts";
import { type Answer, breakOff, say, startServer, type TestServer } from "./serving.ts";

const rows = "t,amount\n2024-01-01,1\n";
const other = "t,amount\n2024-01-02,2\n";
const token = "Bearer of-a-secret-token";

let cacheFolder = "";
let servers: TestServer[] = [];
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), "steward-http-"));
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.end()));
  servers = [];
  await rm(cacheFolder, { recursive: true, force: true });
});

async function serve(...answers: Answer[]): Promise<TestServer> {
  const server = await startServer(...answers);
  servers.push(server);
  return server;
}

function list(
  url: string,
  { settings = {}, signal, ...options }: HttpOptions & { settings?: HttpSettings; signal?: AbortSignal } = {},
): Promise<SourceListing> {
  const source = csv(http(url, options)) as Extract<SourceSpec, { kind: "http" }>;
  const access = reach(source, { token }, { signal });
  return listAnswer(source, access, { cacheFolder, pauses: [1, 1, 1], ...settings });
}

const headers = { authorization: input("token") };
const impatient = { connect: 2_000, silence: 150 };

const fetchFrom = async (listing: Promise<SourceListing>) => fetchText((await listing).files[0]);

/** Nothing is left of what was not received to its end. */
async function expectNothingKept(): Promise<void> {
  const names = await readdir(cacheFolder, { recursive: true });
  expect(names.filter((name) => /answers\//.test(name))).toEqual([]);
}

describe("the fingerprint of an answer", () => {
  it("is that of its bytes, which are not fetched twice", async () => {
    const server = await serve(say(200, {}, rows));
    const listing = await list(`${server.origin}/a.csv`);
    expect(listing).toMatchObject({
      fingerprint: digestBytes(rows),
      files: [{ name: "", fingerprint: digestBytes(rows), size: rows.length }],
    });
    expect(await fetchText(listing.files[0])).toEqual({ name: "source.csv", text: rows });
    expect(server.asked).toHaveLength(1);
  });

  it("is remembered beside an etag, as long as the server says that nothing has changed", async () => {
    const server = await serve(
      say(200, { etag: '"one"' }, rows),
      say(304),
      say(304),
      say(200, { etag: '"two"' }, other),
    );
    for (let turn = 0; turn < 3; turn++)
      expect((await list(`${server.origin}/a.csv`)).files).toMatchObject([
        { fingerprint: digestBytes(rows), size: rows.length },
      ]);
    expect(server.asked[0]?.headers).not.toHaveProperty("if-none-match");
    expect(server.asked[1]?.headers).toMatchObject({ "if-none-match": '"one"' });
    expect((await list(`${server.origin}/a.csv`)).fingerprint).toBe(digestBytes(other));
  });

  const changed = "Wed, 01 May 2024 12:00:00 GMT";
  it.each<[string, Record<string, string>]>([
    ["etag", { etag: '"one"' }],
    ["time of its last change", { "last-modified": changed }],
  ])("is remembered where the server gives the file again under the same %s, which is not read", async (_, sent) => {
    const stalling: Answer = (_, response) => response.writeHead(200, sent).write("t,");
    const server = await serve(say(200, sent, rows), stalling);
    await list(`${server.origin}/a.csv`);
    expect((await list(`${server.origin}/a.csv`)).fingerprint).toBe(digestBytes(rows));
  });

  it("is another where an older file was put back, which a server does not call newer", async () => {
    const before = "Tue, 30 Apr 2024 12:00:00 GMT";
    const server = await serve(say(200, { "last-modified": changed }, rows), (request, response) =>
      request.headers["if-modified-since"] === undefined
        ? say(200, { "last-modified": before }, other)(request, response)
        : say(304)(request, response),
    );
    await list(`${server.origin}/a.csv`);
    expect((await list(`${server.origin}/a.csv`)).fingerprint).toBe(digestBytes(other));
  });

  it("is another where the address leads elsewhere, to a file of the same etag", async () => {
    let latest = "/1.csv";
    const server = await serve((request, response) => {
      const { url = "" } = request;
      if (url === "/latest") say(302, { location: latest })(request, response);
      else if (request.headers["if-none-match"] === '"one"') say(304)(request, response);
      else say(200, { etag: '"one"' }, url === "/1.csv" ? rows : other)(request, response);
    });
    for (let turn = 0; turn < 2; turn++)
      expect((await list(`${server.origin}/latest`)).fingerprint).toBe(digestBytes(rows));
    expect(server.asked.map(({ headers }) => headers["if-none-match"])).toEqual([
      undefined,
      undefined,
      undefined,
      '"one"',
    ]);
    latest = "/2.csv";
    expect((await list(`${server.origin}/latest`)).fingerprint).toBe(digestBytes(other));
  });

  it.each<[string, Record<string, string>]>([
    ["a weak etag", { etag: 'W/"one"' }],
    ["a change only just before", { "last-modified": new Date().toUTCString() }],
    ["nothing", {}],
  ])("is of bytes that are read again where the server says %s", async (_, sent) => {
    const server = await serve(say(200, sent, rows), say(200, sent, other));
    expect((await list(`${server.origin}/a.csv`)).fingerprint).toBe(digestBytes(rows));
    expect((await list(`${server.origin}/a.csv`)).fingerprint).toBe(digestBytes(other));
    expect(server.asked[1]?.headers).not.toHaveProperty("if-none-match");
    expect(server.asked[1]?.headers).not.toHaveProperty("if-modified-since");
  });

  it("is the same when all that was remembered is lost, and from a server that says other things", async () => {
    const first = await serve(say(200, { etag: '"one"' }, rows));
    const second = await serve(say(200, {}, rows));
    const { fingerprint } = await list(`${first.origin}/a.csv`);
    await rm(cacheFolder, { recursive: true });
    expect((await list(`${first.origin}/a.csv`)).fingerprint).toBe(fingerprint);
    expect((await list(`${second.origin}/b.csv`)).fingerprint).toBe(fingerprint);
  });

  it("is what the source declares, of which the server is not asked", async () => {
    const server = await serve(say(200, {}, rows));
    const listing = await list(`${server.origin}/a.csv`, { sha256: digestBytes(rows) });
    expect(listing.files).toMatchObject([{ fingerprint: digestBytes(rows), size: 0 }]);
    expect(server.asked).toEqual([]);
    expect((await fetchText(listing.files[0])).text).toBe(rows);
  });
});

describe("an answer that is fetched", () => {
  it("comes from the server where the cache has lost it, as it was looked at or not at all", async () => {
    const server = await serve(say(200, {}, rows), say(200, {}, rows), say(200, {}, other));
    const listing = await list(`${server.origin}/a.csv`);
    await rm(join(cacheFolder, "answers"), { recursive: true });
    const told: Progress[] = [];
    expect((await fetchText(listing.files[0], { onProgress: (one) => told.push(one) })).text).toBe(rows);
    expect(told.at(-1)).toMatchObject({ phase: "fetching", done: rows.length, unit: "bytes" });
    expect((await failure(fetchText(listing.files[0]))).problems).toMatchObject([
      { code: "source-changed", at: "things.source", got: digestBytes(other), expected: digestBytes(rows) },
    ]);
  });

  it("is refused, and not kept, when it is not what the source declares", async () => {
    const server = await serve(say(200, {}, other));
    const url = `${server.origin}/a.csv`;
    const { files } = await list(url, { sha256: digestBytes(rows) });
    const folder = await mkdtemp(join(tmpdir(), "steward-declared-"));
    try {
      const [file] = files;
      if (!file || !("fetch" in file)) throw new Error("expected a file elsewhere");
      const { problems } = await failure(file.fetch(folder, {}));
      expect(problems).toMatchObject([
        {
          code: "source-changed",
          file: url,
          got: digestBytes(other),
          fix: expect.stringContaining('correct "sha256"'),
        },
      ]);
      expect(await readdir(folder)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const packed = gzipSync(rows);
  const pack =
    (sent: Record<string, string> = {}): Answer =>
    (_, response) =>
      response.writeHead(200, sent).end(packed);

  it.each<[string, string, Answer]>([
    ["whose address ends so", "/a.csv.gz?version=2", pack()],
    ["that is stored compressed", "/a.csv", pack({ "content-encoding": "gzip" })],
    [
      "whose address ends so, and which the server says is compressed",
      "/a.csv.gz",
      pack({ "content-encoding": "gzip" }),
    ],
    ["whose address tells nothing", "/export", pack()],
  ])("is called .gz, and its digest is of the bytes that were sent: one %s", async (_, path, answer) => {
    const server = await serve(answer);
    const listing = await list(`${server.origin}${path}`);
    expect(listing.fingerprint).toBe(digestBytes(packed));
    expect((await fetchText(listing.files[0])).name).toBe("source.csv.gz");
    expect(server.asked[0]?.headers).toMatchObject({ "accept-encoding": "identity" });
  });

  it("is refused in a form that nobody asked for", async () => {
    const server = await serve(say(200, { "content-encoding": "br" }, "x"));
    const { problems } = await failure(list(`${server.origin}/a.csv`));
    expect(problems).toMatchObject([{ code: "source-unreadable", got: "br" }]);
  });
});

describe("who asks", () => {
  it("is said to the server of the address alone, on the way there and not on the way back", async () => {
    const last = await serve(say(200, {}, rows));
    const back = await serve((request, response) =>
      request.url === "/start"
        ? say(302, { location: "/next" })(request, response)
        : request.url === "/next"
          ? say(307, { location: `${last.origin}/leave` })(request, response)
          : say(200, {}, rows)(request, response),
    );
    const elsewhere = await serve(say(302, { location: `${back.origin}/back` }));
    expect(await fetchFrom(list(`${back.origin}/start`, { headers }))).toMatchObject({ text: rows });
    expect(back.asked.map(({ headers }) => headers.authorization)).toEqual([token, token]);
    expect(last.asked[0]?.headers).not.toHaveProperty("authorization");
    const away = await serve(say(301, { location: `${elsewhere.origin}/x` }));
    await list(`${away.origin}/a.csv`, { headers });
    expect(away.asked[0]?.headers).toMatchObject({ authorization: token });
    expect(elsewhere.asked[0]?.headers).not.toHaveProperty("authorization");
    expect(back.asked.at(-1)).toMatchObject({ url: "/back" });
    expect(back.asked.at(-1)?.headers).not.toHaveProperty("authorization");
  });

  it("is led on five times, and no more", async () => {
    const steps = Array.from({ length: 5 }, (_, at) => say(302, { location: `/${at}` }));
    const five = await serve(...steps, say(200, {}, rows));
    expect((await list(`${five.origin}/a.csv`)).fingerprint).toBe(digestBytes(rows));
    const round = await serve(say(302, { location: "/again" }));
    expect((await failure(list(`${round.origin}/a.csv`))).problems).toMatchObject([
      { code: "source-refused", got: "more than 5 redirects" },
    ]);
    expect(round.asked).toHaveLength(6);
  });

  it("has a secret that no error holds, whatever the server does with it", async () => {
    const server = await serve(
      (_, response) => response.writeHead(403, token, { "x-echo": token }).end(token),
      say(302, { location: `ftp://${encodeURIComponent(token)}` }),
      say(404, {}, token),
      say(200, { "content-encoding": token }, token),
      say(500, {}, token),
    );
    const codes: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      const error = await failure(list(`${server.origin}/a.csv`, { headers }));
      codes.push(...error.problems.map(({ code }) => code));
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("of-a-secret");
    }
    expect(codes).toEqual([
      "source-refused",
      "source-refused",
      "source-missing",
      "source-unreadable",
      "source-unreachable",
    ]);
  });

  it("cannot be said with a value that is no header's", async () => {
    const source = csv(http("http://127.0.0.1:9/a.csv", { headers })) as Extract<SourceSpec, { kind: "http" }>;
    const error = await failure(
      listAnswer(source, reach(source, { token: "of-a-secret\n" }), { cacheFolder, pauses: [] }),
    );
    expect(error.problems).toMatchObject([{ code: "source-refused", what: expect.stringContaining("no header") }]);
    expect(inspect(error, { depth: 20 })).not.toContain("of-a-secret");
    const missing = await failure(Promise.resolve().then(() => listAnswer(source, reach(source), { cacheFolder })));
    expect(missing.problems).toMatchObject([{ code: "input-missing" }]);
  });
});

describe("a server that fails", () => {
  it.each([
    ["is busy", say(503)],
    ["breaks off its answer", breakOff],
    ["drops the connection", ((request) => request.socket.destroy()) as Answer],
  ])("is asked again when it %s", async (_, trouble) => {
    const server = await serve(trouble, trouble, say(200, {}, rows));
    expect((await list(`${server.origin}/a.csv`)).fingerprint).toBe(digestBytes(rows));
    const again = await serve(trouble, trouble, say(200, {}, rows));
    expect((await fetchFrom(list(`${again.origin}/a.csv`, { sha256: digestBytes(rows) }))).text).toBe(rows);
  });

  it("is given the time that it asks for, unless that is long", async () => {
    const soon = await serve(say(429, { "retry-after": "1" }), say(200, {}, rows));
    const begun = performance.now();
    await list(`${soon.origin}/a.csv`);
    expect(performance.now() - begun).toBeGreaterThan(950);
    const late = await serve(say(503, { "retry-after": "3600" }));
    expect((await failure(list(`${late.origin}/a.csv`))).problems).toMatchObject([
      { code: "source-unreachable", got: "503 Service Unavailable; it asks to wait for 3600 s" },
    ]);
    expect(late.asked).toHaveLength(1);
  });

  it.each<[number, object]>([
    [404, { code: "source-missing", got: "404 Not Found" }],
    [410, { code: "source-missing", got: "410 Gone" }],
    [401, { code: "source-refused", fix: expect.stringContaining('say with "headers"') }],
    [403, { code: "source-refused", got: "403 Forbidden" }],
    [204, { code: "source-refused", got: "204 No Content" }],
    [206, { code: "source-refused", got: "206 Partial Content" }],
    [304, { code: "source-refused", got: "304 Not Modified" }],
    [302, { code: "source-refused", got: "302 Found" }],
    [501, { code: "source-unreachable", got: "501 Not Implemented" }],
  ])("is told of at once when it answers %i", async (status, problem) => {
    const server = await serve(say(status));
    const { problems } = await failure(list(`${server.origin}/a.csv`));
    expect(problems).toMatchObject([{ at: "things.source", file: `${server.origin}/a.csv`, ...problem }]);
    expect(server.asked).toHaveLength(1);
  });

  it.each<[string, Answer, string]>([
    ["stays busy", say(503), "503 Service Unavailable"],
    ["breaks off again and again", breakOff, "ECONNRESET"],
    ["never begins", () => undefined, "ETIMEDOUT"],
    [
      "stops in the middle",
      (_, response) => response.writeHead(200, { "content-length": "100" }).write("t,"),
      "ETIMEDOUT",
    ],
    [
      "begins letter by letter",
      (request) => {
        const drip = setInterval(() => request.socket.write("H"), 50);
        request.socket.on("close", () => clearInterval(drip));
        request.socket.write("HTTP/1.1 200 OK\r\nx: ");
      },
      "ETIMEDOUT",
    ],
  ])("is told of in the end, and nothing is kept, when it %s", async (_, trouble, got) => {
    const server = await serve(trouble);
    const settings = { patience: { connect: 200, silence: 150 }, pauses: [1] };
    const { problems } = await failure(list(`${server.origin}/a.csv`, { settings }));
    expect(problems).toMatchObject([{ code: "source-unreachable", got }]);
    expect(server.asked).toHaveLength(2);
    await expectNothingKept();
  });

  it("is told of when there is none", async () => {
    for (const url of [`http://127.0.0.1:${await findFreePort()}/a.csv`, "http://nowhere.invalid/a.csv"])
      expect((await failure(list(url))).problems).toMatchObject([{ code: "source-unreachable", file: url }]);
  });

  it("is not listened to for ever, nor for more than there is room for", async () => {
    const endless = await serve((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    const settings = { mostBytes: 1_000_000, patience: impatient };
    expect((await failure(list(`${endless.origin}/a.csv`, { settings }))).problems).toMatchObject([
      { code: "source-unreadable", what: expect.stringContaining("more than the 1 MB") },
    ]);
    const huge = await serve(say(200, { "content-length": "1000000000000000" }));
    expect((await failure(list(`${huge.origin}/a.csv`))).problems).toMatchObject([{ code: "disk-full" }]);
    await expectNothingKept();
  });

  it("is left alone when the work is ended", async () => {
    const server = await serve((_, response) => response.writeHead(200).write("t,"));
    const ending = new AbortController();
    const reason = new Error("enough");
    const listing = list(`${server.origin}/a.csv`, { signal: ending.signal });
    setTimeout(() => ending.abort(reason), 50);
    await expect(listing).rejects.toBe(reason);
    await expectNothingKept();
  });
});
