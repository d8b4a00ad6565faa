import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { locateStackFolder, prepareStackFolder } from "../../../framework/connection/stack-folder.ts";
import { openSupervisor } from "../../../framework/supervisor/client.ts";
import type { ServiceInput } from "../../../framework/supervisor/service.ts";
import { findFreePort } from "../../support/minio.ts";
import { type Declared, Workspace } from "./workspace.ts";

let workspace: Workspace;
let port: number;
beforeEach(async () => {
  workspace = await Workspace.open();
  port = await findFreePort();
});
afterEach(async () => {
  await (await openSupervisor(workspace.stackFolder)).down();
  await workspace[Symbol.asyncDispose]();
});

const program = (text: string): [string, ...string[]] => [process.execPath, "-e", text];

/** A service that answers on the test's port, but for what is given. */
function service(given: Partial<ServiceInput> = {}): Declared {
  const listen = program(`require("node:http").createServer((_q, s) => s.end("ok")).listen(${port}, "127.0.0.1")`);
  const description = {
    name: "pet",
    command: listen,
    probe: { kind: "tcp", port },
    secrets: { TOKEN: { $secret: "canary-token" } },
    ...given,
  };
  return {
    name: "pet",
    type: "steward:local:Service",
    inputs: { stackFolder: workspace.stackFolder, service: description },
  };
}

async function stateOf(name: string): Promise<string | undefined> {
  return (await (await openSupervisor(workspace.stackFolder)).list()).find((status) => status.name === name)?.state;
}

describe("a service", () => {
  it("starts nothing in a preview, runs after an update, and is gone after it is removed", async () => {
    workspace.declare([service()]);
    const seen = await workspace.preview();
    expect(seen.output).toContain("pet: will start");
    expect(await stateOf("pet")).toBeUndefined();
    expect(await workspace.up()).toMatchObject({ code: 0 });
    expect(await stateOf("pet")).toBe("ready");
    workspace.declare([]);
    expect(await workspace.up()).toMatchObject({ code: 0 });
    expect(await stateOf("pet")).toBeUndefined();
  });

  it("that has stopped shows in a preview, and an update starts it again", async () => {
    workspace.declare([service()]);
    await workspace.up();
    await (await openSupervisor(workspace.stackFolder)).down();
    const seen = await workspace.preview();
    expect(seen.output).toContain('Service "pet" is stopped.');
    expect(seen.output).toMatch(/~ 1 to update/);
    expect(await workspace.up()).toMatchObject({ code: 0 });
    expect(await stateOf("pet")).toBe("ready");
  });

  it("that does not become ready fails with what it printed last, its secrets taken out, and is tried again", async () => {
    workspace.declare([service({ command: program("console.log('pet says ' + process.env.TOKEN); process.exit(3)") })]);
    const { code, output } = await workspace.up();
    expect(code).not.toBe(0);
    expect(output).toMatch(/exited with code 3/);
    expect(output).toMatch(/pet says \*\*\*/);
    expect(output).not.toContain("canary-token");
    workspace.declare([service()]);
    expect(await workspace.up()).toMatchObject({ code: 0 });
  });

  it("whose change does not pass its preflight fails in the preview already, and goes on as it was", async () => {
    workspace.declare([service()]);
    await workspace.up();
    workspace.declare([
      service({
        environment: { CHANGED: "1" },
        preflight: program("console.log('history 7 does not replay'); process.exit(1)"),
      }),
    ]);
    const { code, output } = await workspace.preview();
    expect(code).not.toBe(0);
    expect(output).toContain("history 7 does not replay");
    expect(await stateOf("pet")).toBe("ready");
  });

  it("that the state of another checkout leads to goes on there, whatever is removed here", async () => {
    const elsewhere = join(workspace.folder, "origin", locateStackFolder("/", "local"));
    mkdirSync(elsewhere, { recursive: true });
    await using ending = new AsyncDisposableStack();
    const origin = await openSupervisor(elsewhere);
    ending.defer(() => origin.down());
    const { inputs, ...declared } = service();
    workspace.declare([{ ...declared, inputs: { ...Object(inputs), stackFolder: elsewhere } }]);
    expect(await workspace.up()).toMatchObject({ code: 0 });
    for (const words of [["up", "--skip-preview"], ["destroy"]]) {
      workspace.declare([]);
      const { code, output } = await workspace.run([...words, "--yes"]);
      expect(code).not.toBe(0);
      expect(output).toMatch(/the state is that of another folder.*npx pulumi up once/s);
    }
    await prepareStackFolder(locateStackFolder(workspace.folder, "local"), {
      project: "tests",
      stack: "local",
      registry: join(workspace.folder, "cache"),
    });
    expect(await workspace.up()).toMatchObject({ code: 0 });
    expect(await origin.list()).toMatchObject([{ name: "pet", state: "ready" }]);
  });

  it("under another name is another service", async () => {
    workspace.declare([service()]);
    await workspace.up();
    const other = await findFreePort();
    const listen = program(`require("node:http").createServer((_q, s) => s.end("ok")).listen(${other}, "127.0.0.1")`);
    workspace.declare([service({ name: "dog", command: listen, probe: { kind: "tcp", port: other } })]);
    const seen = await workspace.preview();
    expect(seen.output).toMatch(/\+-\s*steward:local:Service: \(replace\)/);
    expect(await workspace.up()).toMatchObject({ code: 0 });
    expect([await stateOf("pet"), await stateOf("dog")]).toEqual([undefined, "ready"]);
  });
});
