/**
 * A checkout with the state of another: what it has recorded must not lead to the other's engine and services.
 * @module
 */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { locateStackFolder, prepareStackFolder } from "../../framework/connection/stack-folder.ts";
import { relocateInputs } from "../../framework/provider/relocation.ts";
import type { Properties } from "../../framework/provider/values.ts";
import { connection } from "./specs.ts";

let root = "";
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "steward-relocation-")));
  for (const name of ["origin", "copy"]) {
    mkdirSync(join(root, name, "stacks"), { recursive: true });
    writeFileSync(join(root, name, "Pulumi.yaml"), "name: flights\n");
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const folderOf = (checkout: string) => locateStackFolder(join(root, checkout), "local");
const prepare = (checkout: string) =>
  prepareStackFolder(folderOf(checkout), { project: "flights", stack: "local", registry: join(root, "cache") });

/** The inputs of a service and of a definition, as a checkout's state has them. */
const recordedIn = (checkout: string): readonly [Properties, Properties] => [
  { stackFolder: folderOf(checkout), service: { name: "store" } },
  { project: "flights", connection: { ...connection, stackFolder: folderOf(checkout) } },
];
const relocate = (inputs: Properties) => relocateInputs(inputs, { stack: "local", folder: join(root, "copy/stacks") });

describe("what a state has recorded", () => {
  it("in this checkout stays as it is, prepared or not", () => {
    for (const inputs of recordedIn("copy")) expect(relocate(inputs)).toBe(inputs);
  });

  it("of no local stack stays as it is", () => {
    const inputs = { project: "flights", connection };
    expect(relocate(inputs)).toBe(inputs);
  });

  it("in another checkout is led to the folder and the connection of this one", async () => {
    await prepare("origin");
    cpSync(folderOf("origin"), folderOf("copy"), { recursive: true });
    const present = await prepare("copy");
    const [service, definition] = recordedIn("origin");
    expect(relocate(service)).toEqual({ ...service, stackFolder: folderOf("copy") });
    expect(relocate(definition)).toEqual({ ...definition, connection: present.connection });
  });

  it.each([
    ["is not here", () => undefined],
    ["is here as it was there", () => cpSync(folderOf("origin"), folderOf("copy"), { recursive: true })],
  ])("in another checkout is refused while the stack's folder %s", async (_title, bring) => {
    await prepare("origin");
    bring();
    for (const inputs of recordedIn("origin"))
      expect(() => relocate(inputs)).toThrow(/origin\/\.steward.*npx pulumi up once.*\[stack-not-up\]/s);
  });
});
