import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startIntake } from "../../../framework/data/intake/intake.ts";
import { listDocuments, root } from "../../docs/document.ts";
import { useStore } from "../../support/test-store.ts";
import { token } from "./given-intake.ts";

const given = useStore();
const page = "docs/operations.md";
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-documented-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("rows are pushed as the page says", async () => {
  const text = await readFile(join(root, page), "utf8");
  const [, command = ""] = /```sh\n(curl [^`]*\/rows [^`]*)```/.exec(text) ?? [];
  expect(
    listDocuments()
      .find(({ path }) => path === page)
      ?.commands.map(({ text: line }) => line),
  ).toContain(command.split("\n")[0]);
  // In place of a stack that is up, something says the token.
  const npx = join(folder, "npx");
  await writeFile(npx, `#!/bin/sh\n[ "$*" = "pulumi stack output intakeToken --show-secrets" ] && echo ${token}\n`);
  await chmod(npx, 0o755);
  const intake = await startIntake({ datasets: ["clicks"], token, store: given.store, port: 0 });
  try {
    const { stdout } = await promisify(execFile)(
      "sh",
      ["-c", command.replace("127.0.0.1:9013", `127.0.0.1:${intake.port}`)],
      {
        env: { PATH: `${folder}:${process.env["PATH"]}` },
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({ dataset: "clicks", rows: 1 });
  } finally {
    await intake.close();
  }
});
