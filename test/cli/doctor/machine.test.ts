import { expect, it } from "vitest";
import { judgeRoom } from "../../../framework/cli/doctor/machine.ts";

it.each<[number | undefined, string, string]>([
  [3e9, "ok", "3 GB free"],
  [1e9, "warning", "1 GB free: a first run needs about 2 GB"],
  [undefined, "warning", "the system does not tell how much is free"],
])("%s bytes of two thousand million needed: %s", (free, verdict, detail) => {
  expect(judgeRoom("disk", free, { needed: 2e9 })).toMatchObject({ verdict, detail });
});
