import { expect, it } from "vitest";
import { listDays, listParts } from "../../../framework/serving/log/list-parts.ts";
import { logName, partPlace } from "../../../framework/serving/log/log-part.ts";
import { useStore } from "../../support/test-store.ts";

const given = useStore();
const address = { endpoint: "storms", stream: "requests" };

it("the days of a log are those that have parts, however far apart they are", async () => {
  const days = ["0001-01-01", "1970-01-01", "2026-02-28", "2026-03-01", "9999-12-31"];
  for (const day of days)
    for (const first of [1, 11]) {
      const place = partPlace({ day, replica: "0123456789ab", first, last: first + 9, lines: "f".repeat(64) });
      await given.store.writeOnce(`${logName(address)}/${place}`, {});
    }
  await given.store.writeOnce(`${logName({ ...address, stream: "feedback" })}/2026-01-01/r/x`, {});
  const started = performance.now();
  expect(await listDays(given.store, address)).toEqual(days.toReversed());
  // A walk through all days of as long a time would ask millions of times.
  expect(performance.now() - started).toBeLessThan(5000);
  expect(await listDays(given.store, address, new Date("2026-03-01T12:00:00Z"))).toEqual([
    "9999-12-31",
    "2026-03-01",
    "2026-02-28",
  ]);
  expect((await listParts(given.store, address, "1970-01-01")).map(({ first }) => first)).toEqual([11, 1]);
});
