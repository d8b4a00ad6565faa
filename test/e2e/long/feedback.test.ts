/**
 * Labels of an endpoint's answers, from a deployed endpoint to what they say of it: sent by HTTP and from a file, shown by the command.
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { type StackView, viewStack } from "../../support/deployed.ts";
import { placeTinyProject } from "../../support/tiny-project.ts";

let checkout: Checkout;
let view: StackView;

beforeAll(async () => {
  checkout = copyCheckout();
  placeTinyProject(checkout);
  checkout.edit("tiny/project.ts", (text) =>
    text
      .replace('known: "1 day"', 'known: "0 seconds"')
      .replace('durability: "disk" }', 'durability: "disk" }, feedback: { label: z.boolean(), matures: "0 seconds" }'),
  );
  view = viewStack({ folder: join(checkout.folder, ".steward/stacks/local"), project: "tiny" });
  const up = await checkout.pulumi(["up", "-s", "local", "--yes", "--skip-preview"]);
  expect(up.code, up.output).toBe(0);
});
afterAll(() => checkout.end());

const shown = z.object({
  labels: z.object({ received: z.number(), repeated: z.number(), orphans: z.object({ count: z.number() }) }),
  cohorts: z.array(z.looseObject({ answered: z.number(), labelled: z.number(), metrics: z.array(z.unknown()) })),
});

async function show() {
  const { code, output, stdout } = await checkout.steward(["feedback", "desk", "--json"]);
  expect(code, output).toBe(0);
  return shown.parse(JSON.parse(stdout));
}

it("takes labels by HTTP and from a file, and shows what they say", async () => {
  const { address } = await view.liveEndpoint("desk");
  const ids: string[] = [];
  for (const hour of [1, 5, 20, 23]) {
    const body = JSON.stringify({ inputs: [{ name: "hour", datatype: "FP64", shape: [1], data: [hour] }] });
    const answer = await fetch(`${address}/v2/models/spender/infer`, { method: "POST", body });
    ids.push(z.object({ id: z.string() }).parse(await answer.json()).id);
  }
  const sent = await fetch(`${address}/desk/feedback`, {
    method: "POST",
    body: JSON.stringify({ id: ids[0], label: false }),
  });
  expect(sent.status).toBe(200);
  expect(await show()).toMatchObject({
    labels: { received: 1, orphans: { count: 0 } },
    cohorts: [{ answered: 4, labelled: 1 }],
  });

  const rows = [
    [ids[1], "false"],
    [ids[2], "true"],
    [ids[3], "true"],
    ["nobody's", "true"],
  ];
  const file = rows.map(([id, label]) => `${id},${label},2024-06-01T00:00:00Z`).join("\n");
  writeFileSync(join(checkout.folder, "labels.csv"), `answer,spent,at\n${file}\n`);
  const words = ["feedback", "desk", "labels.csv", "--id", "answer", "--label", "spent", "--time", "at"];
  for (let turn = 0; turn < 2; turn++) {
    const { code, output } = await checkout.steward(words);
    expect(code, output).toBe(0);
    expect(output).toContain("✔ 4 labels recorded");
    expect(output).toContain("! 1 label of no answer in the log: nobody's");
  }
  const all = await show();
  expect(all).toMatchObject({
    labels: { received: 9, repeated: 4, orphans: { count: 1 } },
    cohorts: [{ answered: 4, labelled: 4 }],
  });
  expect(all.cohorts[0]?.metrics).toMatchObject([{ metric: "auc", rows: 4 }]);
  const { output } = await checkout.steward(["feedback", "desk"]);
  expect(output).toMatch(/champion +1 +4 +4 +4 \(100 %\) /);
});
