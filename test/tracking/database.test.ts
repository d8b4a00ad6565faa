import { describe, expect, it } from "vitest";
import { openDatabase } from "../../framework/tracking/database.ts";
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
});
