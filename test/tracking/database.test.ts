import { describe, expect, it } from "vitest";
import { openDatabase, openRepeating } from "../../framework/tracking/database.ts";
import { trackingAreas } from "../../framework/tracking/parts.ts";
import { failure } from "../support/failure.ts";
import { usePostgres } from "../support/postgres.ts";

const given = usePostgres();
const open = (owner?: string) =>
  openDatabase({ url: given.url, areas: trackingAreas, ...(owner !== undefined && { owner }) });

describe("the database of a tracking server", () => {
  it("is the first stack's that opens it, and refuses another", async () => {
    const first = await open("flights/production");
    const again = await open("flights/production");
    expect((await failure(open("flights/staging"))).problems).toMatchObject([
      { code: "database-taken", got: "flights/production", expected: "flights/staging" },
    ]);
    const anybody = await open();
    for (const sql of [first, again, anybody]) await sql.end();
  });

  it("plans a statement that is sent over and over once, and any other for its values", async () => {
    const sql = await open();
    const repeating = openRepeating(given.url, 1);
    for (const [client, expected] of [
      [sql, { once: 0, each: 2 }],
      [repeating, { once: 2, each: 0 }],
    ] as const) {
      await client.begin(async (one) => {
        for (const id of ["a", "b"]) await one`SELECT name FROM runs WHERE run_id = ${id}`;
        const plans = await one`
          SELECT generic_plans::int AS once, custom_plans::int AS each FROM pg_prepared_statements
          WHERE statement LIKE 'SELECT name FROM runs%'`;
        expect(plans).toEqual([expected]);
      });
      await client.end();
    }
  });
});
