import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findPython, findPythonWithPip, readPython } from "../../framework/toolchain/python.ts";
import { makeFolder, writeProgram } from "./fake-programs.ts";

/** A Python of this version; `pip` is what it says when asked for pip. */
function writePython(path: string, version: string, pip: string): Promise<void> {
  const pipLine = `if [ "$1" = -m ]; then echo '${pip}'; exit; fi`;
  return writeProgram(path, pipLine, `echo python ${version} ${path}`);
}

describe("findPython", () => {
  it("takes the first that is new enough, whatever its name, and gives the interpreter itself", async () => {
    await using bin = await makeFolder();
    await writePython(join(bin.path, "python3"), "3.10.12", "no");
    await writePython(join(bin.path, "python3.12"), "3.12.4", "no");
    expect(await findPython({ PATH: bin.path })).toEqual({ path: join(bin.path, "python3.12"), version: "3.12.4" });
  });

  it("says what it found when nothing is new enough", async () => {
    await using bin = await makeFolder();
    await writePython(join(bin.path, "python3"), "3.9.2", "no");
    await expect(findPython({ PATH: bin.path })).rejects.toThrow(
      /got 3\.9\.2 at \S+\/python3, expected Python ≥ 3\.11.*\n.*\[python-missing\]/,
    );
  });

  it("says when there is none", async () => {
    await expect(findPython({ PATH: "/nowhere" })).rejects.toThrow(/got none, expected Python ≥ 3\.11/);
  });
});

describe("findPythonWithPip", () => {
  it("passes over one without pip", async () => {
    await using bin = await makeFolder();
    await writePython(join(bin.path, "python3"), "3.14.0", "/bin/python3: No module named pip");
    await writePython(join(bin.path, "python3.11"), "3.11.2", "pip 23.0.1 from /usr/lib (python 3.11)");
    expect((await findPythonWithPip({ PATH: bin.path })).version).toBe("3.11.2");
  });

  it("says how to get pip when none has it", async () => {
    await using bin = await makeFolder();
    await writePython(join(bin.path, "python3"), "3.14.0", "/bin/python3: No module named pip");
    await expect(findPythonWithPip({ PATH: bin.path })).rejects.toThrow(
      /pip.*got 3\.14\.0 at \S+\/python3.*python3-pip.*\n.*\[pip-missing\]/,
    );
  });
});

describe("readPython", () => {
  it.each([
    ["python 3.11.7 /usr/bin/python3.11\n", { version: "3.11.7", path: "/usr/bin/python3.11" }],
    ["warning\npython 3.12.0 /a folder/python\n", { version: "3.12.0", path: "/a folder/python" }],
    ["Python was not found; run without arguments to install", undefined],
    ["", undefined],
  ])("%j", (printed, python) => {
    expect(readPython(printed)).toEqual(python);
  });
});
