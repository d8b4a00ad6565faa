import { describe, expect, it } from "vitest";
import { useServer } from "./given-server.ts";
import { readRecords } from "./segments.ts";
import { ask, infer, putPackage, release } from "./storm-model.ts";

const given = useServer();

describe("a feature that refuses what no training row had", () => {
  it("makes the server refuse the request, naming the feature and no other value, and keep no record of it", async () => {
    const fitted = { region: [{ op: "category", unseen: "error" } as const] };
    const { name, value } = release(1, await putPackage(given.store, 0, { fitted }));
    given.store.setRef(name, 1, value);
    const port = await given.start();
    expect((await infer(port, ask({ region: "south" }))).status).toBe(200);
    expect((await infer(port, ask({ region: null }))).status).toBe(200);
    const refused = await infer(port, ask({ region: "atlantis" }));
    expect(refused).toMatchObject({
      status: 422,
      answer: { error: 'feature "region" of row 0 has a value that no training row had' },
    });
    expect((await infer(port, ask({ region: "north" }))).status).toBe(200);
    await given.close();
    const records = await readRecords(given.segments);
    expect(records.map(({ inputs }) => inputs)).toMatchObject(
      [["south"], [null], ["north"]].map((region) => ({ region })),
    );
  });
});
