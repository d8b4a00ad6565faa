/**
 * The tutorial as its reader lives it: each file, edit and command of docs/tutorial.md in its order, and what the page shows of
 * the answers. The project is the template's on this checkout; that it is created and deployed as a package is shown by
 * test/packaging.
 * @module
 */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Block, readDocument, root } from "../../docs/document.ts";
import { findMissingLines, splitCommand } from "../../docs/shown-output.ts";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";

/** Commands that other tests run: test/docs/command.test.ts says which. */
const elsewhere = /^(npm |cd )/;

let checkout: Checkout;
beforeAll(() => {
  checkout = copyCheckout("forecasts");
  placeTemplate(checkout.folder);
});
afterAll(() => checkout.end());

describe("the tutorial", () => {
  let output = "";
  const written = new Set<string>();
  for (const [heading, blocks] of groupByHeading(readDocument("docs/tutorial.md").blocks))
    it(`does what it says: ${heading}`, async () => {
      for (const block of blocks) {
        const at = `docs/tutorial.md:${block.line}`;
        const file = /\bfile=(\S+)/.exec(block.info)?.[1];
        if (block.language === "sh") output = await runAll(block, at);
        else if (block.language === "diff" && file) checkout.edit(file, (text) => applyEdit(text, block.text, at));
        else if (file) writeBlock(block, file);
        else if (block.language === "text" && block.info === "")
          expect(findMissingLines(block.text, output), `${at} shows what was not printed:\n${output}`).toEqual([]);
      }
    });

  async function runAll({ text, info }: Block, at: string): Promise<string> {
    let last = "";
    for (const command of text.split("\n").filter((line) => !elsewhere.test(line))) {
      const [, program = "", ...words] = splitCommand(command);
      const ran =
        program === "pulumi"
          ? await checkout.pulumi([...words, "--yes", "--skip-preview"])
          : await checkout.steward(words[0] === "destroy" ? [...words, "--yes"] : words);
      expect(ran.code === 0, `${at}: ${command}\n${ran.output}`).toBe(info !== "fails");
      last = ran.output;
    }
    return last;
  }

  /** The first block of a file replaces it, the next ones go on. */
  function writeBlock({ text }: Block, file: string): void {
    const path = join(checkout.folder, file);
    writeFileSync(path, `${written.has(file) ? `${readFileSync(path, "utf8")}\n` : ""}${text}\n`);
    written.add(file);
  }
});

function groupByHeading(blocks: readonly Block[]): ReadonlyMap<string, readonly Block[]> {
  return Map.groupBy(blocks, ({ heading }) => heading);
}

/** Replaces the lines that a `diff` block takes away by those it adds. */
function applyEdit(text: string, diff: string, at: string): string {
  const lines = (mark: string) =>
    diff
      .split("\n")
      .filter((line) => line.startsWith(mark))
      .map((line) => line.slice(1))
      .join("\n");
  if (!text.includes(lines("-"))) throw new Error(`${at}: the file has no such lines\n${text}`);
  return text.replace(lines("-"), () => lines("+"));
}

/** The template's files in place of the repository's own project, with the provider where this checkout has it. */
function placeTemplate(folder: string): void {
  const template = join(root, "create-steward/template");
  for (const file of [
    "project.ts",
    "train.py",
    "requirements.lock",
    "data",
    "index.ts",
    "Pulumi.yaml",
    "Pulumi.local.yaml",
  ])
    cpSync(join(template, file), join(folder, file), { recursive: true });
  for (const file of ["project.ts", "Pulumi.yaml"]) {
    const text = readFileSync(join(folder, file), "utf8");
    writeFileSync(
      join(folder, file),
      text.replaceAll("{{name}}", "forecasts").replace("node_modules/steward/framework", "framework"),
    );
  }
}
