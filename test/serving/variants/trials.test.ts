import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import type { GroupMember } from "../../../framework/http/processes/group-member.ts";
import { TrialRecord, type TriedVariant } from "../../../framework/serving/variants/trial-record.ts";
import { useServer } from "../given-server.ts";
import { ask, eventually, infer, model, putPackage } from "../storm-model.ts";
import { canaryOf, readEvidence, route } from "./given-routing.ts";

const given = useServer();
const on = (): void => undefined;
const gather = async () => ({ values: [], past: [] });
const listTrials = async () => (await readdir(given.segments)).filter((name) => name.startsWith("trial-")).length;

it("what is on trial is recorded, and nothing of a champion, nor when the trial or the server is over", async () => {
  const [one, two] = [await putPackage(given.store, 0), await putPackage(given.store, 1)];
  const shadow = {
    name: "shadow-storm",
    version: 3,
    weight: 0,
    mirror: 10_000,
    package: await putPackage(given.store, 2),
  };
  route(given, 1, [{ package: one, weight: 10_000 }]);
  const port = await given.start();
  expect(await listTrials()).toBe(0);
  route(given, 2, [{ package: one, weight: 5000 }, canaryOf(two, 5000), shadow]);
  await eventually(listTrials).toBe(2);
  for (let i = 0; i < 10; i++) expect((await infer(port, ask())).status).toBe(200);
  // The canary has become the champion.
  route(given, 3, [{ version: 2, package: two, weight: 10_000 }, shadow]);
  await eventually(listTrials).toBe(1);
  expect((await infer(port, ask())).status).toBe(200);
  await given.close();
  expect(await listTrials()).toBe(0);
});

it.each([
  ["a server by itself counts", undefined, [3, 1]],
  ["one of several leaves to its group", { index: 0, count: 1, on, hear: on, measure: on, gather }, [0, undefined]],
])("%s how the process before it ended, of the same versions", async (_, member, expected) => {
  const [one, two] = [await putPackage(given.store, 0), await putPackage(given.store, 1)];
  const canary: TriedVariant = { name: "canary", model, version: 2, package: two, weight: 5000 };
  for (const variant of [canary, { ...canary, version: 1, package: one }])
    new TrialRecord(given.segments, variant, () => undefined).begin({ requests: 3, unseen: 0 });
  route(given, 1, [{ package: one, weight: 5000 }, canaryOf(two, 5000)]);
  const port = await given.start({ member: member as unknown as GroupMember });
  const { variants } = await readEvidence(port);
  expect(variants.map(({ name, failed, ended }) => [name, failed, ended])).toEqual([
    ["champion", 0, undefined],
    ["canary", ...expected],
  ]);
});
