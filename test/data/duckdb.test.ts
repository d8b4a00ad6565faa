import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quoteName, quoteNumber, quotePath, quoteText } from "../../framework/data/sql.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-duckdb-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const setting = z.object({ value: z.unknown() });

describe("a database", () => {
  it.each([
    ["autoinstall_known_extensions", false],
    ["autoload_known_extensions", false],
    ["allow_community_extensions", false],
    ["TimeZone", "UTC"],
    ["threads", "2"],
    ["memory_limit", "1.8 GiB"],
  ])("is opened with %s set to %s", async (name, value) => {
    const rows = await withDuckDb(folder, (db) => db.rows(`SELECT current_setting('${name}') AS value`, setting));
    expect(rows).toEqual([{ value }]);
  });

  it("cannot reach the network", async () => {
    const reading = withDuckDb(folder, (db) => db.run("FROM read_csv('http://127.0.0.1:1/x.csv')"));
    await expect(reading).rejects.toThrow(/httpfs/);
  });

  it("leaves nothing behind, whether its user succeeds, fails or is called off", async () => {
    await withDuckDb(folder, (db) => db.run("CREATE TABLE x AS SELECT * FROM range(1000)"));
    await expect(withDuckDb(folder, (db) => db.run("SELEC"))).rejects.toThrow(/syntax error/);
    const controller = new AbortController();
    const long = withDuckDb(
      folder,
      (db) => db.run("SELECT count(*) FROM range(10_000_000_000) a, range(1000) b"),
      controller,
    );
    setTimeout(() => controller.abort(new Error("called off")), 100);
    await expect(long).rejects.toThrow("called off");
    await expect(withDuckDb(folder, async () => "never", controller)).rejects.toThrow("called off");
    expect(await readdir(folder)).toEqual([]);
  });

  it("is called off also where its statement has not begun yet", async () => {
    const controller = new AbortController();
    const long = withDuckDb(
      folder,
      (db) => {
        const running = db.run("SELECT count(*) FROM range(10_000_000_000) a, range(1000) b");
        controller.abort(new Error("called off"));
        return running;
      },
      controller,
    );
    await expect(long).rejects.toThrow("called off");
  });

  it("has more memory from the first statement on that needs it, where it is told so", async () => {
    // A list is in memory as a whole.
    const list = "CREATE OR REPLACE TABLE x AS SELECT list(i) AS all FROM range(4_000_000) r(i)";
    const limit = "SELECT current_setting('memory_limit') AS value";
    await expect(withDuckDb(folder, (db) => db.run(list), { memory: "40MB" })).rejects.toThrow(/^Out of Memory Error/);
    const limits = await withDuckDb(
      folder,
      async (db) => {
        const [before] = await db.rows(limit, setting);
        await db.run(list);
        const [after] = await db.rows(limit, setting);
        return [before?.value, after?.value];
      },
      { memory: "40MB", reserve: "1GB" },
    );
    expect(limits).toEqual(["38.1 MiB", "953.6 MiB"]);
    const still = withDuckDb(folder, (db) => db.run(list), { memory: "30MB", reserve: "40MB" });
    await expect(still).rejects.toThrow(/^Out of Memory Error/);
  });

  it("gives rows that are checked", async () => {
    const read = (row: z.ZodType<unknown>) => withDuckDb(folder, (db) => db.rows("SELECT 1::BIGINT AS one", row));
    expect(await read(z.object({ one: z.coerce.number() }))).toEqual([{ one: 1 }]);
    await expect(read(z.object({ one: z.number() }))).rejects.toThrow(z.ZodError);
  });
});

describe("quoting", () => {
  it.each([
    ["a name", quoteName('a"b'), '"a""b"'],
    ["a text", quoteText("it's"), "'it''s'"],
    ["a text with a NUL", quoteText("a\0'b"), "('a' || chr(0) || '''b')"],
    ["a number", quoteNumber(1e-7), "CAST('1e-7' AS DOUBLE)"],
    ["a path with a pattern's characters", quotePath("/a*[b]?'c"), "'/a[*][[]b][?]''c'"],
  ])("puts %s into SQL", (_, quoted, expected) => {
    expect(quoted).toBe(expected);
  });
});
