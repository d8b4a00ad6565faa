import { getEventListeners } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import type { Progress } from "../../../framework/data/progress.ts";
import type { SourceFile, SourceListing } from "../../../framework/data/source-files.ts";
import { listObjects } from "../../../framework/data/sources/s3.ts";
import type { SourceSpec } from "../../../framework/definitions/spec.ts";
import { csv, input, s3 } from "../../../framework/index.ts";
import { failure } from "../../support/failure.ts";
import { findFreePort } from "../../support/minio.ts";
import { useStore } from "../../support/test-store.ts";
import { fetchText, reach } from "./accessing.ts";
import { type Answer, passOn, say, startServer } from "./serving.ts";

const given = useStore();
let turn = 0;
let bucket = "";

/** Makes a bucket of a test's own. */
beforeEach(async () => {
  bucket = `source-${++turn}`;
  await given.client.makeBucket(bucket);
});

const put = (key: string, text: string, headers = {}) =>
  given.client.putObject(bucket, key, Buffer.from(text), undefined, headers);
const keepVersions = () => given.client.setBucketVersioning(bucket, { Status: "Enabled" });

const credentials = { accessKey: input("lake.access-key"), secretKey: input("lake.secret-key") };

function list(
  key: string,
  {
    endpoint = given.connection.endpoint,
    secretKey = given.connection.secretKey,
    pauses = [1, 1, 1],
    ...options
  }: {
    endpoint?: string;
    secretKey?: string;
    pauses?: number[];
    bucket?: string;
    region?: string;
    isPublic?: boolean;
  } = {},
): Promise<SourceListing> {
  const { isPublic = false, region, bucket: name = bucket } = options;
  const source = csv(
    s3(`s3://${name}/${key}`, { endpoint, ...(region && { region }), ...(!isPublic && { credentials }) }),
  ) as Extract<SourceSpec, { kind: "s3" }>;
  const inputs = { "lake.access-key": given.connection.accessKey, "lake.secret-key": secretKey };
  return listObjects(source, reach(source, inputs), { pauses });
}

const namesOf = ({ files }: SourceListing) => files.map(({ name }) => name);
const first = ({ files }: SourceListing): SourceFile | undefined => files[0];

describe("the objects of a source", () => {
  it("are those that its pattern takes, in the order of their names' code points", async () => {
    for (const key of [
      "rows/b.csv",
      "rows/a.csv",
      "rows/é.csv",
      "rows/😀.csv",
      "rows/\uFF5E.csv",
      "rows/.hidden.csv",
      "rows/a.txt",
      "row/c.csv",
    ])
      await put(key, "t,amount\n");
    const listing = await list("rows/*.csv");
    expect(namesOf(listing)).toEqual(["a.csv", "b.csv", "é.csv", "\uFF5E.csv", "😀.csv"]);
    expect(listing.files.map(({ size }) => size)).toEqual([9, 9, 9, 9, 9]);
    expect(namesOf(await list("{rows,row}/*.csv"))).toHaveLength(6);
    expect(namesOf(await list("**/{a,c}.*"))).toEqual(["row/c.csv", "rows/a.csv", "rows/a.txt"]);
  });

  it("is one without a name where its key is no pattern, or is called as the pattern is written", async () => {
    await put("rows/a.csv", "t,amount\n");
    await put("rows/*.csv", "t,amount\n1\n");
    expect((await list("rows/a.csv")).files).toMatchObject([{ name: "", size: 9 }]);
    expect((await list("rows/*.csv")).files).toMatchObject([{ name: "", size: 11 }]);
    expect((await list("rows/?.csv")).files).toHaveLength(2);
  });

  it("are read whatever characters their keys have", async () => {
    const keys = [
      "007",
      "1e5",
      "a b+c%20d",
      "a&b<c>\"d'",
      "x;y=z?#[]{}|^~`",
      "ümläut/日本",
      " leading",
      "tab\there",
      "quo\\te",
    ];
    for (const key of keys) await put(`odd/${key}`, `of ${key}`);
    const { files } = await list("odd/**");
    expect(files.map(({ name }) => name).sort()).toEqual([...keys].sort());
    for (const file of files) expect((await fetchText(file)).text).toBe(`of ${file.name}`);
    expect((await list("odd/007")).files).toHaveLength(1);
  });

  it("are listed by the page, and no more than begin as all of the pattern's do", async () => {
    const keys = Array.from({ length: 1_200 }, (_, at) => `many/2024-${String(at).padStart(4, "0")}.csv`);
    for (let at = 0; at < keys.length; at += 50) await Promise.all(keys.slice(at, at + 50).map((key) => put(key, key)));
    await put("many/2023.csv", "old");
    const server = await startServer(passOn(given.connection.endpoint));
    try {
      const { files } = await list("many/2024-*.csv", { endpoint: server.origin });
      expect(files.map(({ name }) => `many/${name}`)).toEqual(keys);
      expect(new Set(files.map(({ fingerprint }) => fingerprint)).size).toBe(1_200);
      expect(server.asked.map(({ url }) => url.includes("prefix=many%2F2024-"))).toEqual([true, true]);
    } finally {
      await server.end();
    }
  });

  it("are missing where there are none, and a folder is none", async () => {
    await put("rows/2024/a.csv", "t\n");
    await put("marker/", "");
    for (const key of ["rows/*.parquet", "other/*.csv", "marker/*", "rows/a.csv", "rows/2024"]) {
      const { problems } = await failure(list(key));
      expect(problems).toMatchObject([{ code: "source-missing", at: "things.source", file: `s3://${bucket}/${key}` }]);
    }
    const { message } = await failure(list("rows/*"));
    expect(message).toContain('The pattern of a source takes "rows/2024", which has objects below it (got a folder)');
  });
});

describe("the fingerprint of an object", () => {
  it("is the same for the same bytes under another key, in another bucket, and put again as a new version", async () => {
    await keepVersions();
    await put("a.csv", "same");
    const listed = await list("a.csv");
    await put("a.csv", "same");
    await put("b.csv", "same");
    expect((await list("a.csv")).fingerprint).toBe(listed.fingerprint);
    expect((await list("b.csv")).fingerprint).toBe(listed.fingerprint);
    expect((await list("*.csv")).files.map(({ fingerprint }) => fingerprint)).toEqual([
      listed.fingerprint,
      listed.fingerprint,
    ]);
  });

  it("is another for other bytes of the same size", async () => {
    await put("a.csv", "same");
    const { fingerprint } = await list("a.csv");
    await put("a.csv", "emas");
    expect((await list("a.csv")).fingerprint).not.toBe(fingerprint);
  });
});

describe("an object that is fetched", () => {
  it("is called as its format asks, and tells how far it has come", async () => {
    await put("a.csv", "t,amount\n");
    await put("b.csv.gz", "t,amount\n");
    await given.client.putObject(bucket, "c.csv", Buffer.from("1f8b08", "hex"), undefined, {
      "content-encoding": "gzip",
    });
    const told: Progress[] = [];
    expect(await fetchText(first(await list("a.csv")), { onProgress: (one) => told.push(one) })).toEqual({
      name: "source.csv",
      text: "t,amount\n",
    });
    expect(told.at(-1)).toEqual({ phase: "fetching", done: 9, total: 9, unit: "bytes" });
    expect((await fetchText(first(await list("b.csv.gz")))).name).toBe("source.csv.gz");
    expect((await fetchText(first(await list("c.csv")))).name).toBe("source.csv.gz");
  });

  it("is empty where it has no bytes", async () => {
    await put("a.csv", "");
    expect(await fetchText(first(await list("a.csv")))).toEqual({ name: "source.csv", text: "" });
  });

  it.each([
    ["replaced", () => put("a.csv", "two")],
    ["removed", () => given.client.removeObject(bucket, "a.csv")],
  ])("is refused when it was %s after it was listed, in a bucket that keeps no versions", async (_, change) => {
    await put("a.csv", "one");
    const file = first(await list("*.csv"));
    await change();
    const { problems } = await failure(fetchText(file));
    expect(problems).toMatchObject([
      { code: "source-changed", at: "things.source", what: expect.stringContaining('"a.csv"') },
    ]);
  });

  it.each([
    ["replaced", () => put("a.csv", "two")],
    ["removed", () => given.client.removeObject(bucket, "a.csv")],
  ])("is what was listed when it was %s since, in a bucket that keeps versions", async (_, change) => {
    await keepVersions();
    await put("a.csv", "zero");
    await put("a.csv", "one");
    const file = first(await list("*.csv"));
    await change();
    expect((await fetchText(file)).text).toBe("one");
  });

  it("is refused when a store gives another that was asked for this one alone", async () => {
    await put("a.csv", "one");
    const changes = say(200, { etag: '"of-another"', "content-length": "3" }, "two");
    const server = await startServer(passOn(given.connection.endpoint), changes, say(404));
    try {
      const file = first(await list("a.csv", { endpoint: server.origin }));
      expect((await failure(fetchText(file))).problems).toMatchObject([{ code: "source-changed" }]);
      expect(server.asked).toHaveLength(3);
    } finally {
      await server.end();
    }
  });

  it("is refused when the version that was listed is gone from a bucket that keeps versions", async () => {
    await keepVersions();
    const { versionId } = await put("a.csv", "one");
    const file = first(await list("a.csv"));
    await put("a.csv", "two");
    await given.client.removeObject(bucket, "a.csv", { versionId: versionId ?? "" });
    expect((await failure(fetchText(file))).problems).toMatchObject([{ code: "source-changed" }]);
  });

  it("does not listen itself to the signal that ends it, which may be that of many", async () => {
    await put("a.csv", "t,amount\n");
    const { signal } = new AbortController();
    const listening: number[] = [];
    const onProgress = (): number => listening.push(getEventListeners(signal, "abort").length);
    await fetchText(first(await list("a.csv")), { signal, onProgress });
    expect(listening).toEqual([0]);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    await put("a.csv", "x".repeat(8_000_000));
    const file = first(await list("a.csv"));
    const folder = await mkdtemp(join(tmpdir(), "steward-interrupted-"));
    try {
      const ending = new AbortController();
      const reason = new Error("enough");
      if (!file || !("fetch" in file)) throw new Error("expected a file elsewhere");
      const fetching = file.fetch(folder, { signal: ending.signal, onProgress: () => ending.abort(reason) });
      await expect(fetching).rejects.toBe(reason);
      expect(await readdir(folder)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("a store that fails", () => {
  it("is asked again, and the object fetched anew, when it is busy or breaks off", async () => {
    await put("a.csv", "t,amount\n");
    const { endpoint } = given.connection;
    const [pass, cut] = [passOn(endpoint), passOn(endpoint, 5)];
    const server = await startServer(say(503), cut, pass, say(500), cut, pass);
    try {
      const file = first(await list("*.csv", { endpoint: server.origin }));
      expect((await fetchText(file)).text).toBe("t,amount\n");
      expect(server.asked).toHaveLength(6);
      expect(server.asked.at(-1)?.headers).toMatchObject({ "if-match": expect.stringMatching(/^"[0-9a-f]{32}"$/) });
    } finally {
      await server.end();
    }
  });

  it("is told of when it goes on failing, or answers with something else", async () => {
    for (const answer of [say(503), say(200, {}, "<html>not a store</html>")]) {
      const server = await startServer(answer);
      try {
        const { problems } = await failure(list("*.csv", { endpoint: server.origin }));
        expect(problems).toMatchObject([{ code: "source-unreachable", at: "things.source" }]);
        expect(server.asked).toHaveLength(4);
      } finally {
        await server.end();
      }
    }
  });

  it("is told of when it does not say what an object is, so that a change of it would not be seen", async () => {
    const unsized: Answer = (_, response) => response.writeHead(200, { etag: '"one"' }).end("t\n");
    for (const answer of [say(200, { "content-length": "2" }, "t\n"), unsized]) {
      const server = await startServer(answer);
      try {
        expect((await failure(list("a.csv", { endpoint: server.origin }))).problems).toMatchObject([
          { code: "source-unreachable", got: "no etag or no size of the object" },
        ]);
      } finally {
        await server.end();
      }
    }
  });

  it("is not followed for ever where its pages do not end", async () => {
    const page =
      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken></ListBucketResult>";
    const server = await startServer(say(200, {}, page));
    try {
      expect((await failure(list("*.csv", { endpoint: server.origin }))).problems).toMatchObject([
        { code: "source-unreachable", got: "no listing of objects" },
      ]);
    } finally {
      await server.end();
    }
  });

  it("is told of, without a secret, when it cannot be asked", async () => {
    await put("a.csv", "t\n");
    const wrong = "a-wrong-secret-of-somebody";
    const closed = `http://127.0.0.1:${await findFreePort()}`;
    const cases: [() => Promise<SourceListing>, object][] = [
      [() => list("*.csv", { secretKey: wrong }), { code: "source-refused", got: "SignatureDoesNotMatch" }],
      [() => list("a.csv", { secretKey: wrong }), { code: "source-refused", got: "SignatureDoesNotMatch" }],
      [
        () => list("*.csv", { isPublic: true }),
        { code: "source-refused", got: "AccessDenied", fix: expect.stringContaining('"credentials"') },
      ],
      [
        () => list("*.csv", { bucket: "not-there" }),
        { code: "source-missing", what: expect.stringContaining('no bucket "not-there"') },
      ],
      [
        () => list("a.csv", { bucket: "not-there" }),
        { code: "source-missing", what: expect.stringContaining('no bucket "not-there"') },
      ],
      [() => list("*.csv", { endpoint: closed }), { code: "source-unreachable", got: "ECONNREFUSED" }],
      [() => list("*.csv", { endpoint: "http://nowhere.invalid" }), { code: "source-unreachable" }],
    ];
    for (const [ask, problem] of cases) {
      const error = await failure(ask());
      expect(error.problems).toMatchObject([
        { at: "things.source", file: expect.stringContaining("s3://"), ...problem },
      ]);
      for (const secret of [wrong, given.connection.secretKey])
        expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret);
    }
  });

  it("says in which region the bucket is", async () => {
    const denied =
      "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message><Region>eu-west-1</Region></Error>";
    const server = await startServer(say(400, {}, denied));
    try {
      const error = await failure(list("*.csv", { endpoint: server.origin }));
      expect(error.problems).toMatchObject([
        { code: "source-refused", got: "us-east-1", expected: "eu-west-1", fix: 'correct "region" of the source' },
      ]);
    } finally {
      await server.end();
    }
  });

  it("is asked by nobody in particular where the source has no credentials", async () => {
    await put("open/a.csv", "t\n");
    const policy = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: ["*"] },
          Action: ["s3:ListBucket", "s3:GetObject"],
          Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        },
      ],
    };
    await given.client.setBucketPolicy(bucket, JSON.stringify(policy));
    expect((await fetchText(first(await list("open/*.csv", { isPublic: true })))).text).toBe("t\n");
  });
});
