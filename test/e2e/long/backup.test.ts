/**
 * The backup and the restore of docs/operations.md, with the commands that stand there.
 * @module
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { readDocument } from "../../docs/document.ts";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { type StackView, viewStack } from "../../support/deployed.ts";
import { placeTinyProject } from "../../support/tiny-project.ts";

const deploy = ["up", "-s", "local", "--yes", "--skip-preview"];
const operations = readDocument("docs/operations.md");
let original: Checkout;
let restored: Checkout;

beforeAll(() => {
  original = copyCheckout();
  restored = copyCheckout("another place");
  placeTinyProject(original);
  placeTinyProject(restored);
});

afterAll(() => original.end());
afterAll(() => restored.end());

it("goes on in another place where a backup was restored: same version, nothing trained again, same answers", async () => {
  const up = await original.pulumi(deploy);
  expect(up.code, up.output).toBe(0);
  const before = await look(original);
  for (const command of commandsUnder("Backup")) await runIn(original, command);
  expect(original.processes()).toEqual([]);
  cpSync(join(original.folder, "steward-backup.tgz"), join(restored.folder, "steward-backup.tgz"));
  // The original goes on beside it.
  expect((await original.pulumi(deploy)).code).toBe(0);
  const running = original.processes();

  for (const command of commandsUnder("Restore")) await runIn(restored, command);
  const after = await look(restored);
  expect(after.model).toEqual(before.model);
  expect(after.answer).toEqual(before.answer);
  // The endpoint has another address, and nothing else was to be done. The engine lists what ran a moment later.
  expect(after.address).not.toBe(before.address);
  const listed = async () => expect(await viewOf(restored).newSteps(before.steps)).toEqual(["serve"]);
  await vi.waitFor(listed, { timeout: 60_000, interval: 500 });
  expect(original.processes()).toEqual(running);
});

/** What must be the same, and what may not: the steps and the address. */
async function look(checkout: Checkout) {
  const view = viewOf(checkout);
  const { address } = await view.liveEndpoint("desk");
  const asked = await checkout.steward(["predict", "desk", "--json"]);
  expect(asked.code, asked.output).toBe(0);
  const { answer }: { answer: { outputs: unknown } } = JSON.parse(asked.stdout);
  return { steps: await view.listSteps(), model: await view.liveModel("spender"), answer: answer.outputs, address };
}

function viewOf({ folder }: Checkout): StackView {
  return viewStack({ folder: join(folder, ".steward/stacks/local"), project: "tiny" });
}

function commandsUnder(heading: string): readonly string[] {
  const commands = operations.commands.filter((command) => command.heading === heading).map(({ text }) => text);
  expect(commands.length).toBeGreaterThan(0);
  return commands;
}

/** Runs a command of the page as its reader would, who confirms what `pulumi up` asks. */
async function runIn(checkout: Checkout, text: string): Promise<void> {
  const [program = "", ...words] = text.replace(/^npx /, "").split(" ");
  const ran =
    program === "pulumi"
      ? await checkout.pulumi([...words, "--yes", "--skip-preview"])
      : program === "steward"
        ? await checkout.steward(words)
        : await checkout.run(program, words);
  expect(ran.code, `${text}\n${ran.output}`).toBe(0);
}
