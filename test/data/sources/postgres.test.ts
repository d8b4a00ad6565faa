import { describe, expect, it } from "vitest";
import { failure } from "../../support/failure.ts";
import { querySpec, taken, useDatabase } from "./database.ts";

const { server, list, read } = useDatabase();

/** A table of its own, with a row for each of some minutes of a day that is over. */
async function createEvents(table: string, minutes: readonly number[]): Promise<void> {
  await server.sql.unsafe(`CREATE TABLE ${table} (id int, t timestamptz, changed timestamptz)`);
  await addEvents(table, minutes);
}

async function addEvents(table: string, minutes: readonly number[]): Promise<void> {
  for (const minute of minutes)
    await server.sql.unsafe(`INSERT INTO ${table} VALUES (${minute}, ${at(minute)}, ${at(minute)})`);
}

const at = (minute: number) => `timestamptz '2024-01-01 00:00Z' + interval '${minute} minutes'`;
const names = (listing: { files: readonly { name: string }[] }) =>
  listing.files.map(({ name }) => name.replace(/@\w+/, ""));
const ids = (text: string) =>
  text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",")[0]);

describe("a query with a cursor", () => {
  it("is one slice at first, then the same listing while nothing is new, then one slice more", async () => {
    await createEvents("growing", [1, 2, 3]);
    const spec = querySpec({ query: "SELECT * FROM growing", cursor: "changed" });
    const first = await list(spec);
    expect(names(first)).toEqual(["00000001 ..2024-01-01 00:03:00+00"]);
    const same = await list(spec, { base: taken(first, spec) });
    expect(same.fingerprint).toBe(first.fingerprint);
    expect(same.files.map(({ fingerprint }) => fingerprint)).toEqual(first.files.map(({ fingerprint }) => fingerprint));
    await addEvents("growing", [4, 5]);
    const grown = await list(spec, { base: taken(first, spec) });
    expect(names(grown)).toEqual([
      "00000001 ..2024-01-01 00:03:00+00",
      "00000002 2024-01-01 00:03:00+00..2024-01-01 00:05:00+00",
    ]);
    expect(grown.files[0]?.fingerprint).toBe(first.files[0]?.fingerprint);
    expect(ids(await read(grown.files[1]))).toEqual(["4", "5"]);
  });

  it("gives a row that was changed again, under its new cursor, and leaves the old slice as it was", async () => {
    await createEvents("edited", [1, 2]);
    const spec = querySpec({ query: "SELECT * FROM edited", cursor: "changed" });
    const base = taken(await list(spec), spec);
    await server.sql.unsafe(`UPDATE edited SET changed = ${at(9)} WHERE id = 1`);
    const after = await list(spec, { base });
    expect(after.files[0]?.fingerprint).toBe(base[0]?.fingerprint);
    expect(ids(await read(after.files[1]))).toEqual(["1"]);
  });

  it("looks again at the slices that a range meets, and changes only those that have changed", async () => {
    await createEvents("late", [1]);
    const spec = querySpec({ query: "SELECT * FROM late", cursor: "changed" });
    let base = taken(await list(spec), spec);
    for (const minute of [10, 20, 30]) {
      await addEvents("late", [minute]);
      base = taken(await list(spec, { base }), spec);
    }
    await addEvents("late", [15]);
    const before = base.map(({ fingerprint }) => fingerprint);
    const look = async (again: { from?: string; to?: string }) => {
      const { files } = await list(spec, { base, again });
      return files.flatMap(({ fingerprint }, index) => (fingerprint === before[index] ? [] : [index]));
    };
    expect(await look({ from: "2024-01-01T00:20:00.000001Z" })).toEqual([]);
    expect(await look({ from: "2024-01-01T00:20:00Z" })).toEqual([2]);
    expect(await look({ to: "2024-01-01T00:10:00Z" })).toEqual([]);
    expect(await look({ to: "2024-01-01T01:10:00.000001+01:00" })).toEqual([2]);
    expect(await look({ from: "2023-01-01", to: "2023-02-01" })).toEqual([]);
    expect(await look({ from: "2030-01-01" })).toEqual([]);
    expect(await look({})).toEqual([2]);
    const { files } = await list(spec, { base, again: {} });
    expect(ids(await read(files[2]))).toEqual(["15", "20"]);
  });

  it("keeps a slice of which nothing is left, without rows", async () => {
    await createEvents("emptied", [1, 2]);
    const spec = querySpec({ query: "SELECT * FROM emptied", cursor: "changed" });
    const base = taken(await list(spec), spec);
    await server.sql.unsafe("DELETE FROM emptied");
    const { files } = await list(spec, { base, again: {} });
    expect(await read(files[0])).toBe("id,t,changed\n");
  });

  it("is cut where it is long, and rows with one cursor stay together", async () => {
    await server.sql.unsafe("CREATE TABLE long (id int, n bigint)");
    await server.sql.unsafe(
      "INSERT INTO long SELECT i, CASE WHEN i BETWEEN 90 AND 130 THEN 100 ELSE i END FROM generate_series(1, 250) i",
    );
    const spec = querySpec({ query: "SELECT * FROM long", cursor: "n" });
    const { files } = await list(spec, { sliceRows: 100 });
    const counts = [];
    for (const file of files) counts.push(ids(await read(file)).length);
    expect(files.map(({ name }) => name.replace(/^.* /, ""))).toEqual(["..100", "100..200", "200..250"]);
    expect(counts).toEqual([130, 70, 50]);
    const whole = await list(spec, { sliceRows: 1000 });
    expect(names(whole)).toEqual(["00000001 ..250"]);
  });

  it.each([
    ["numeric", ["1.0", "1.00", "1.000", "2.0", "2.00", "2", "3"], ["..1", "1..2", "2..3"]],
    ["float8", ["-Infinity", "-0", "0", "0", "1"], ["..-Infinity", "-Infinity..0", "0..1"]],
  ] as const)("is not cut between equal %ss that are written in different ways", async (type, values, ranges) => {
    const query = `SELECT * FROM (VALUES ${values.map((n, id) => `(${id}, '${n}'::${type})`).join()}) AS v(id, n)`;
    const { files } = await list(querySpec({ query, cursor: "n" }), { sliceRows: 1 });
    const found = [];
    for (const file of files) found.push(...ids(await read(file)));
    expect(found.map(Number).sort((a, b) => a - b)).toEqual(values.map((_, id) => id));
    const plain = (text: string) => text.replace(/\.0+(?=$|\.\.)/g, "").replace(/-0(?=$|\.\.)/g, "0");
    expect(files.map(({ name }) => plain(name.replace(/^.* /, "")))).toEqual(ranges);
  });

  it("compares numbers as numbers, whatever the order of their texts", async () => {
    await server.sql.unsafe("CREATE TABLE counted (id int, n numeric)");
    await server.sql.unsafe("INSERT INTO counted VALUES (1, 9.5)");
    const spec = querySpec({ query: "SELECT * FROM counted", cursor: "n" });
    const base = taken(await list(spec), spec);
    await server.sql.unsafe("INSERT INTO counted VALUES (2, 10), (3, 9.50000000000000000000001)");
    const { files } = await list(spec, { base });
    expect(ids(await read(files[1]))).toEqual(["3", "2"]);
  });

  it("begins anew when the query is another, and looks again when the contract is", async () => {
    await createEvents("rewritten", [1, 2]);
    const spec = querySpec({ query: "SELECT * FROM rewritten", cursor: "changed" });
    const base = taken(await list(spec), spec);
    const other = querySpec({ query: "SELECT * FROM rewritten WHERE id > 1", cursor: "changed" });
    const anew = await list(other, { base });
    expect(anew.files).toHaveLength(1);
    expect(ids(await read(anew.files[0]))).toEqual(["2"]);
    await addEvents("rewritten", [1]);
    const stricter = { ...spec, contract: { violations: "reject", tolerance: 0 } } as const;
    const { files } = await list(stricter, { base });
    expect(ids(await read(files[0]))).toEqual(["1", "1", "2"]);
  });

  it("misses what is committed late under an older cursor, and does not where the lag waits for it", async () => {
    await server.sql.unsafe("CREATE TABLE racing (id int, t timestamptz)");
    const spec = querySpec({ query: "SELECT * FROM racing", cursor: "t" });
    const patient = querySpec({ query: "SELECT * FROM racing", cursor: "t", lag: "1 hour" });
    const insert = (id: number, age: string) => `INSERT INTO racing VALUES (${id}, now() - interval '${age}')`;
    await server.sql.unsafe(insert(1, "2 hours"));
    await server.sql.unsafe(insert(2, "10 minutes"));
    const [base, patientBase] = [taken(await list(spec), spec), taken(await list(patient), patient)];
    await server.sql.unsafe(insert(3, "20 minutes"));
    expect((await list(spec, { base })).files).toHaveLength(1);
    await server.sql.unsafe("UPDATE racing SET t = t - interval '1 hour' WHERE id > 1");
    const { files } = await list(patient, { base: patientBase });
    expect(ids(await read(files[0]))).toEqual(["1"]);
    expect(ids(await read(files[1]))).toEqual(["3", "2"]);
  });

  it("waits for days that are not over, and for times that have not come", async () => {
    await server.sql.unsafe("CREATE TABLE daily (id int, d date, f timestamp)");
    await server.sql.unsafe(
      "INSERT INTO daily VALUES (1, now()::date - 2, now()), (2, now()::date - 1, now()), (3, now()::date, now() + interval '1 day'), (4, now()::date + 1, 'infinity')",
    );
    const ofDay = await list(querySpec({ query: "SELECT * FROM daily", cursor: "d" }));
    expect(ids(await read(ofDay.files[0]))).toEqual(["1", "2"]);
    const ofTime = await list(querySpec({ query: "SELECT * FROM daily", cursor: "f" }));
    expect(ids(await read(ofTime.files[0]))).toEqual(["1", "2"]);
  });

  it("has no file while there are no rows", async () => {
    await createEvents("void", []);
    expect((await list(querySpec({ query: "SELECT * FROM void", cursor: "changed" }))).files).toEqual([]);
  });
});

describe("a query without a cursor", () => {
  it("is one file, that changes when a row does and not when rows lie in another order", async () => {
    await createEvents("whole", [1, 2, 3]);
    const spec = querySpec({ query: "SELECT * FROM whole ; \n" });
    const first = await list(spec);
    expect(names(first)).toEqual([""]);
    expect(first.fingerprint).toBe(first.files[0]?.fingerprint);
    const text = await read(first.files[0]);
    await server.sql.unsafe("UPDATE whole SET id = 1 WHERE id = 1");
    const same = await list(spec);
    expect(same.fingerprint).toBe(first.fingerprint);
    expect(await read(same.files[0])).toBe(text);
    await server.sql.unsafe("UPDATE whole SET id = 7 WHERE id = 1");
    expect((await list(spec)).fingerprint).not.toBe(first.fingerprint);
  });
});

describe("reading a file", () => {
  it("is refused when its rows are no longer those that were listed", async () => {
    await createEvents("moving", [1, 2]);
    const { files } = await list(querySpec({ query: "SELECT * FROM moving", cursor: "changed" }));
    await server.sql.unsafe("DELETE FROM moving WHERE id = 1");
    expect((await failure(read(files[0]))).problems.map(({ code }) => code)).toEqual(["source-changed"]);
  });

  it("reads the moment that it has looked at, whatever others commit in between", async () => {
    await createEvents("slow", [1, 2]);
    // The look lasts for as long as somebody has the lock.
    const query = "SELECT slow.* FROM slow, pg_advisory_xact_lock_shared(7) AS waiting";
    const { files } = await list(querySpec({ query }));
    const holder = await server.sql.reserve();
    try {
      await holder`SELECT pg_advisory_lock(7)`;
      const reading = read(files[0]);
      await expect.poll(() => countLooks(), { interval: 20 }).toBe(1);
      await server.sql.unsafe("UPDATE slow SET id = 99");
      expect(await countLooks()).toBe(1);
      await holder`SELECT pg_advisory_unlock(7)`;
      expect(ids(await reading)).toEqual(["1", "2"]);
    } finally {
      await holder`SELECT pg_advisory_unlock_all()`;
      holder.release();
    }
  });

  it("sees one moment, whatever others commit while it lasts", async () => {
    await server.sql.unsafe("CREATE TABLE busy (id int, n bigint, filler text)");
    await server.sql.unsafe("INSERT INTO busy SELECT i, i, repeat('x', 200) FROM generate_series(1, 50000) i");
    const { files } = await list(querySpec({ query: "SELECT * FROM busy -- all of it", cursor: "n" }));
    let writing: Promise<unknown> | undefined;
    let committed = 0;
    const onProgress = () => {
      writing ??= server.sql.unsafe("UPDATE busy SET filler = 'late'").then(({ count }) => {
        committed = count;
      });
    };
    const text = await read(files[0], { onProgress });
    await writing;
    expect(committed).toBe(50_000);
    expect(ids(text)).toHaveLength(50_000);
    expect(text).not.toContain("late");
  });
});

/** How many connections of Steward are looking at rows, and not yet reading them. */
async function countLooks(): Promise<number> {
  const [found] = await server.sql`
    SELECT count(*)::int AS looks FROM pg_stat_activity
    WHERE application_name = 'steward' AND wait_event_type = 'Lock' AND query LIKE 'SELECT count(*)::text AS rows%'`;
  return found?.["looks"];
}
