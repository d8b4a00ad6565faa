import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { usePythonPackages } from "../support/python-packages.ts";
import { useServer } from "./given-server.ts";
import { model, sigmoid } from "./storm-model.ts";

const run = promisify(execFile);
const python = usePythonPackages("kserve", join(import.meta.dirname, "kserve.lock"));
const given = useServer();

describe("KServe's own client", () => {
  it("is answered over HTTP and gRPC, in JSON and in bytes", async ({ skip }) => {
    if (!python.python) skip(python.missing);
    await given.promote(1, 0, 7);
    const port = await given.start();
    const program = join(import.meta.dirname, "kserve_client.py");
    const { stdout } = await run(python.python ?? "", [program, `127.0.0.1:${port}`, model]);
    const probability = [3.5, -4, 1.5].map((score) => expect.closeTo(sigmoid(score), 6));
    const answer = { id: "mine", probability, label: [true, false, true] };
    const health = { live: true, ready: true, "model ready": true };
    expect(JSON.parse(stdout)).toEqual({
      rest: { ...health, json: answer, binary: answer },
      grpc: { ...health, binary: answer },
    });
  });
});
