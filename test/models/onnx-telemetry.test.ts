import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createLinearOnnx } from "../serving/linear-onnx.ts";

const session = join(import.meta.dirname, "../../framework/models/session.ts");

it("is told to report nothing to its makers before it is loaded, and leaves no file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-runtime-"));
  try {
    const model = join(folder, "model.onnx");
    await writeFile(model, createLinearOnnx({ task: "binary", weights: [1, 2], bias: 0 }));
    const program = `const { openSession } = await import(${JSON.stringify(session)});
      const opened = await openSession(${JSON.stringify(model)}, 2);
      await opened.close();
      console.log(process.env.ORT_DISABLE_TELEMETRY);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
      // Without what a machine that tests may have set, which would silence it too.
      env: { PATH: process.env["PATH"], TMPDIR: folder },
    });
    expect(stdout.trim()).toBe("1");
    expect(await readdir(folder)).toEqual(["model.onnx"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
