import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { startProcess } from "../../framework/training/limited-process.ts";

it("a program that is idle again and again leaves nothing that waits for its closed input", async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): number => warnings.push(name);
  process.on("warning", note);
  const lines: string[] = [];
  const program = startProcess(["/bin/sh", "-c", "echo begun; sleep 300"], {
    folder: tmpdir(),
    environment: { PATH: "/usr/bin:/bin" },
    onLine: (line) => lines.push(line),
  });
  try {
    // Its input has been closed by the time that it says something.
    await expect.poll(() => lines).toEqual(["begun"]);
    for (let turn = 0; turn < 20; turn++) {
      program.setIdle(true);
      program.setIdle(false);
    }
    await sleep(0);
    expect(warnings).toEqual([]);
  } finally {
    await program.stop();
    process.off("warning", note);
  }
});
