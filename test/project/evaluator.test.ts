import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import flights from "../../examples/flights/project.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { loadProject } from "../../framework/project/load-project.ts";
import { head, ProjectFolder } from "./project-folder.ts";

const folder = new ProjectFolder();
afterAll(() => folder[Symbol.dispose]());

let count = 0;
/** What is wrong with a project file of this text. It is JavaScript, so that the types are no matter. */
async function problemsOf(text: string, more?: { readonly patience: number }) {
  count += 1;
  const name = `project-${count}.mjs`;
  folder.write({ [name]: `${head}${text}` });
  return (await folder.findProblems(name, more)).map((problem) => ({
    ...problem,
    ...(problem.file === name && { file: "project" }),
  }));
}

describe("a project that is right", () => {
  it("gives the spec that it has in this process, its folder and its path", async () => {
    const file = resolve("examples/flights/project.ts");
    const root = folder.folder;
    expect(await loadProject({ file, environment: "local", root })).toEqual({
      spec: resolveProject(flights, "local"),
      folder: resolve("examples/flights"),
      file,
    });
  });

  it("may read a file beside it, wait for it, and leave a timer behind", async () => {
    folder.write({ "owner.txt": "ops" });
    const text = `import { readFile } from "node:fs/promises";
setInterval(() => {}, 1000);
export default make({ owner: await readFile(new URL("owner.txt", import.meta.url), "utf8") });`;
    expect(await problemsOf(text)).toEqual([]);
  });

  it("has nothing of the environment, and the zone and the language of no machine", async () => {
    process.env["STEWARD_TEST_SECRET"] = "hidden";
    const text = `const { format } = Intl.DateTimeFormat().resolvedOptions().timeZone === "UTC" ? { format: 1 } : {};
const odd = Object.keys(process.env).filter((name) => !["LANG", "TZ", "PWD", "NODE_COMPILE_CACHE"].includes(name) && process.env[name]);
if (format !== 1 || odd.length > 0) throw new Error(odd.join());
export default make();`;
    expect((await problemsOf(text)).map(({ got }) => got)).toEqual([]);
    delete process.env["STEWARD_TEST_SECRET"];
  });
});

describe("a project file", () => {
  it.each([
    ["is missing", () => "absent.ts", "the project file does not exist"],
    [
      "is a folder",
      () => {
        mkdirSync(folder.path("a-folder"));
        return "a-folder";
      },
      "the project file is a folder",
    ],
  ])("that %s is refused by its path", async (_, prepare, what) => {
    const name = prepare();
    expect(await folder.findProblems(name)).toMatchObject([{ code: "project-file-invalid", what, file: name }]);
  });

  it("is named by an absolute path", async () => {
    const loading = loadProject({ file: "project.ts", environment: "local", root: folder.folder });
    await expect(loading).rejects.toThrow("is not absolute");
  });

  it.each([
    ["nothing", "export const x = make();", "no default export", undefined],
    ["something else", 'export default { kind: "dataset" };', 'an object with "kind"', 2],
    ["a function", "export default async () => make();", "a function", 2],
    ["a promise", "export default Promise.resolve(make());", "a promise", 2],
  ])("that exports %s by default is refused", async (_, text, got, line) => {
    const [problem, ...others] = await problemsOf(text);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "project-file-invalid", got, file: "project", ...(line && { line }) });
  });
});

describe("a project that fails while it is evaluated", () => {
  it.each([
    ["throws", "\nthrow new TypeError('such');", "TypeError: such", 3],
    ["throws no error", "\nthrow 'such';", '"such"', 3],
    ["leaves a promise to fail", "Promise.reject(new Error('lost'));\nexport default make();", "Error: lost", 2],
    ["fails later", "setTimeout(() => {\nthrow new Error('late') });\nawait new Promise(() => {});", "Error: late", 3],
    ["calls itself for ever", "function f() { f(); }\nf();", "RangeError: Maximum call stack size exceeded", 2],
    [
      "exports what throws",
      "export default new Proxy(make(), { get() {\nthrow new Error('trap'); } });",
      "Error: trap",
      3,
    ],
    ["asks for a name nobody exports", "\nimport { x } from './base.ts';", /does not provide an export named 'x'/, 3],
  ])("because it %s says so, and where", async (_, text, got, line) => {
    const [problem, ...others] = await problemsOf(text);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "project-evaluation-failed", file: "project", line });
    expect(problem?.got).toMatch(got);
  });

  it("because an import is missing names it", async () => {
    expect(await problemsOf('await import(["not-there", "deep"].join("/"));')).toMatchObject([
      {
        code: "project-import-missing",
        what: 'there is no package "not-there" to import',
        fix: "npm install not-there",
        file: "project",
      },
    ]);
  });

  it("because it waits for what never comes says so, with an idle process or a busy one", async () => {
    const waits = "\nawait new Promise(() => {});";
    expect(await problemsOf(waits)).toMatchObject([
      { code: "project-evaluation-failed", what: "the project file waits for something that never comes", line: 3 },
    ]);
    expect(await problemsOf(`setInterval(() => {}, 50);${waits}`, { patience: 1500 })).toMatchObject([
      {
        code: "project-evaluation-failed",
        what: expect.stringMatching(/does not come to an end within 1.5 s/),
        line: 3,
      },
    ]);
  });

  it.each([
    ["a loop", "let i = 0;\nwhile (true) i += 1;"],
    ["a regular expression", "\n/^(a+)+$/.test('a'.repeat(60) + '!');"],
  ])("because %s has no end says at which line", async (_, text) => {
    expect(await problemsOf(text, { patience: 1500 })).toMatchObject([
      { code: "project-evaluation-failed", what: "the project file does not come to an end within 1.5 s", line: 3 },
    ]);
  });

  it("because it fills the memory says so, and where", async () => {
    expect(await problemsOf("const all = [];\nfor (;;) all.push(new Array(100_000).fill(1));")).toMatchObject([
      {
        code: "project-evaluation-failed",
        what: expect.stringMatching(/needs more than 512 MB/),
        file: "project",
        line: 3,
      },
    ]);
  });
});

describe.runIf(process.platform === "linux")("a project that fills the memory with buffers", () => {
  it("is refused where it asks for too much", async () => {
    expect(await problemsOf("const all = [];\nfor (;;) all.push(Buffer.alloc(1e8));")).toMatchObject([
      {
        code: "project-evaluation-failed",
        got: expect.stringContaining("allocation failed"),
        file: "project",
        line: 3,
      },
    ]);
  });
});

describe("a project that does more than describe", () => {
  it.each([
    ["connects", 'import { connect } from "node:net";\nconnect(80, "example.com");', "example.com:80", 3],
    ["connects and hides it", 'import net from "node:net";\ntry { net.connect(80, "a.b"); } catch {}', "a.b:80", 3],
    ["fetches", 'fetch("http://127.0.0.1:9/x").catch(() => {});', "http://127.0.0.1:9/x", 2],
    ["requests", 'import http from "node:http";\nhttp.get("http://127.0.0.1:9/x");', "127.0.0.1:9", 3],
    ["talks", 'new WebSocket("ws://127.0.0.1:9");', "ws://127.0.0.1:9", 2],
    [
      "asks DNS",
      'import { lookup } from "node:dns/promises";\nlookup("example.com").catch(() => {});',
      "example.com",
      3,
    ],
    ["listens", 'import { createServer } from "node:net";\ncreateServer().listen(0);', "localhost:0", 3],
    [
      "writes and hides it",
      'import { writeFileSync } from "node:fs";\ntry { writeFileSync("made", "x"); } catch {}',
      "made",
      3,
    ],
    ["opens to write", 'import { openSync } from "node:fs";\nopenSync("made", "w");', "made", 3],
    ["removes", 'import { rm } from "node:fs/promises";\nrm("/tmp/x").catch(() => {});', "/tmp/x", 3],
    ["runs a program", 'import { execSync } from "node:child_process";\nexecSync("ls");', "ls", 3],
    ["starts a thread", 'import { Worker } from "node:worker_threads";\nnew Worker("x.js");', "x.js", 3],
    ["signals", "process.kill(process.ppid);", undefined, 2],
    ["ends", "process.exit(0);", "process.exit(0)", 2],
    ["reads the machine", 'import { readFileSync } from "node:fs";\nreadFileSync("/etc/passwd");', "/etc/passwd", 3],
  ])("and %s is refused where it does so", async (_, text, got, line) => {
    const [problem, ...others] = await problemsOf(`${text}\nexport default make();`);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "project-not-data", file: "project", line });
    expect(problem?.got).toBe(got);
    expect(existsSync("made")).toBe(false);
  });

  it("reads nothing hidden in the checkout", async () => {
    folder.write({ ".env": "SECRET=1", ".steward/secrets": "1" });
    const read = (name: string) => `readFileSync(new URL("${name}", import.meta.url));`;
    for (const name of [".env", ".steward/secrets"]) {
      const text = `import { readFileSync } from "node:fs";\n${read(name)}\nexport default make();`;
      expect(await problemsOf(text)).toMatchObject([{ code: "project-not-data", got: folder.path(name), line: 3 }]);
    }
  });

  it("and prints is told each line at once", async () => {
    const text =
      'console.log("one");\nfor (let i = 0; i < 3; i += 1) process.stderr.write("two");\nexport default make();';
    expect(await problemsOf(text)).toMatchObject([
      { code: "project-prints", got: "one", file: "project", line: 2 },
      { code: "project-prints", got: "two", file: "project", line: 3 },
    ]);
  });
});

describe("a project that is different each time", () => {
  it.each([
    ["the clock", "Date.now()", "Date.now()"],
    ["the date", "new Date().getFullYear()", "new Date()"],
    ["chance", "Math.floor(Math.random() * 2)", "Math.random()"],
    ["a stopwatch", "performance.now()", "performance.now()"],
    ["an identifier", "crypto.randomUUID()", "crypto.randomUUID()"],
  ])("by %s names the first difference, both values and the call", async (_, expression, call) => {
    const text = `const varying = String(\n${expression});\nexport default make({ owner: varying });`;
    const [problem, ...others] = await problemsOf(text);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "project-not-deterministic", at: "rows.owner", file: "project", line: 3 });
    expect(problem?.got).toMatch(/^"(.+)", then "(?!\1")(.+)"$/);
    expect(problem?.fix).toContain(`${call} at `);
  });

  it.each([
    ["the process", "process.pid"],
    ["the machine", 'process.getBuiltinModule("node:os").hostname()'],
    ["the calendar", 'new Intl.DateTimeFormat("en", { dateStyle: "full" }).format()'],
  ])("by %s names the difference", async (_, expression) => {
    const problems = await problemsOf(`export default make({ owner: String(${expression}) });`);
    expect(problems).toMatchObject([{ code: "project-not-deterministic", at: "rows.owner" }]);
  });

  it("also where another file of the team makes the difference", async () => {
    folder.write({ "chance.mjs": "export const chance = Math.random();" });
    const text = 'import { chance } from "./chance.mjs";\nexport default make({ owner: String(chance) });';
    expect(await problemsOf(text)).toMatchObject([{ code: "project-not-deterministic", file: "chance.mjs", line: 1 }]);
  });

  it("but may look at the clock and make nothing of it", async () => {
    expect(await problemsOf("Date.now();\nexport default make();")).toEqual([]);
  });
});

describe("definitions that are wrong", () => {
  it("are told at the line that declares them, and the field", async () => {
    folder.write({
      "wrong.ts": `import { z } from "zod";
import { csv, dataset, project } from ${JSON.stringify(resolve("framework/index.ts"))};
const rows = dataset("rows", { owner: "", schema: z.object({ at: z.date() }), eventTime: "at", source: csv("rows.csv") });
export default project("shop", {
  definitions: [rows],
  environments: { local: {}, "In Use": {} },
});
`,
    });
    const places = (await folder.findProblems("wrong.ts")).map(({ at, file, line }) => `${at} ${file}:${line}`);
    expect(places.sort()).toEqual(["rows.owner wrong.ts:3", "shop.environments.In Use wrong.ts:4"]);
  });
});
