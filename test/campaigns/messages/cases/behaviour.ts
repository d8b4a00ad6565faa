/**
 * Project files that do something instead of describing.
 * @module
 */
import type { Malformed } from "../malformed.ts";

const notData = ["project-not-data"] as const;
const varies = ["project-not-deterministic"] as const;

function doing(name: string, statement: string, rest: Omit<Malformed, "name" | "before" | "line">): Malformed {
  return { name, before: `${statement}\n`, line: statement.split("\n")[0] ?? "", ...rest };
}

function importing(
  name: string,
  module: string,
  rest: Pick<Malformed, "codes" | "says"> & { readonly does: string },
): Malformed {
  const { does, ...expected } = rest;
  return {
    name,
    edits: [['import { z } from "zod";', `${module}\nimport { z } from "zod";`]],
    before: `${does}\n`,
    line: does.split("\n")[0] ?? "",
    ...expected,
  };
}

export const behaviour: readonly Malformed[] = [
  doing("a file that throws", 'throw new Error("no weather today");', {
    codes: ["project-evaluation-failed"],
    says: ["no weather today"],
  }),
  doing("a file that throws a text", 'throw "no weather today";', {
    codes: ["project-evaluation-failed"],
    says: ["no weather today"],
  }),
  doing("a file that calls what does not exist", "flights.refresh();", {
    codes: ["project-evaluation-failed"],
    says: ["refresh is not a function"],
  }),
  doing("a failure that nobody waits for", 'Promise.reject(new Error("too late"));', {
    codes: ["project-evaluation-failed"],
    says: ["too late"],
  }),
  {
    name: "a file that loops",
    before: "for (;;) {}\n",
    patience: 5_000,
    codes: ["project-evaluation-failed"],
    says: ["does not come to an end within 5 s"],
  },
  doing("a file that waits for ever", "await new Promise((resolve) => setTimeout(resolve, 1e9));", {
    patience: 5_000,
    codes: ["project-evaluation-failed"],
    says: ["does not come to an end"],
  }),
  {
    name: "a file that takes all memory",
    before: "for (const all = []; ; ) all.push(new Array(1e7).fill(all.length));\n",
    codes: ["project-evaluation-failed"],
    says: ["memory"],
  },
  doing("a file that recurses without end", "(function dig() { dig(); })();", {
    codes: ["project-evaluation-failed"],
    says: ["Maximum call stack"],
  }),
  doing("a file that exits", "process.exit(0);", { codes: notData, says: ["process.exit(0)"] }),
  doing("a file that aborts", "process.abort();", { codes: notData, says: ["the project"] }),
  doing("a file that prints", 'console.log("hello");', {
    codes: ["project-prints"],
    says: ["the project prints", "hello"],
  }),
  doing("a file that writes to stdout", 'process.stdout.write("hello\\n");', {
    codes: ["project-prints"],
    says: ["hello"],
  }),
  doing("a file that warns", 'console.warn("careful");', { codes: ["project-prints"], says: ["careful"] }),
  doing("a file that fetches", 'await fetch("http://127.0.0.1:9/flights");', {
    codes: notData,
    says: ["opens a connection", "http://127.0.0.1:9/flights"],
  }),
  importing("a file that connects", 'import { connect } from "node:net";', {
    does: 'connect(9, "127.0.0.1");',
    codes: notData,
    says: ["opens a connection"],
  }),
  importing("a file that asks for a name", 'import { lookup } from "node:dns/promises";', {
    does: 'await lookup("example.org");',
    codes: notData,
    says: ["looks up a name in DNS"],
  }),
  importing("a file that writes a file", 'import { writeFileSync } from "node:fs";', {
    does: 'writeFileSync(new URL("trace.txt", import.meta.url), "here");',
    codes: notData,
    says: ["changes a file"],
  }),
  importing("a file that removes a file", 'import { rmSync } from "node:fs";', {
    does: "rmSync(import.meta.filename);",
    codes: notData,
    says: ["changes a file"],
  }),
  importing("a file that starts a program", 'import { execSync } from "node:child_process";', {
    does: 'execSync("id");',
    codes: notData,
    says: ["starts another program"],
  }),
  importing("a file that starts a thread", 'import { Worker } from "node:worker_threads";', {
    does: 'new Worker("", { eval: true });',
    codes: notData,
    says: ["starts a thread"],
  }),
  {
    name: "a seed from chance",
    edits: [["seed: 7", "seed: Math.floor(Math.random() * 1e6)"]],
    codes: varies,
    at: "late-training.seed",
    says: ["Math.random()"],
  },
  {
    name: "a description with the time of day",
    edits: [
      ["where it leaves", "where it leaves, as of "],
      ['as of " }', 'as of " + new Date().toISOString() }'],
    ],
    codes: varies,
    says: ["new Date()"],
  },
  {
    name: "a split that depends on today",
    edits: [['test: "14 days"', 'test: 1 + (Date.now() % 9999) + " days"']],
    codes: varies,
    at: "late-training.split.test",
    says: ["Date.now()"],
  },
  {
    name: "an owner of a random name",
    edits: [['owner: "ops-ml"', "owner: crypto.randomUUID()"]],
    codes: varies,
    at: "late-arrival.owner",
    says: ["crypto.randomUUID()"],
  },
];

const atLine = (text: string, line: string, says: string): Pick<Malformed, "source" | "line" | "codes" | "says"> => ({
  source: text,
  line,
  codes: ["project-file-invalid"],
  says: [says],
});

export const modules: readonly Malformed[] = [
  {
    name: "a file without a default export",
    edits: [["export default project(", "export const all = project("]],
    codes: ["project-file-invalid"],
    says: ["got no default export", "export default project(…)"],
  },
  { name: "an exported number", ...atLine("export default 7;\n", "export default 7", "is no project") },
  { name: "an exported function", ...atLine("export default () => 7;\n", "export default", "is no project") },
  {
    name: "an exported promise of a project",
    source:
      'import { project } from "steward";\nexport default (async () => project("flights", { definitions: [] }))();\n',
    codes: ["project-file-invalid"],
    says: ["is no project"],
  },
  {
    name: "an exported dataset",
    edits: [["export default project(", "export default flights;\nproject("]],
    codes: ["project-file-invalid"],
    line: "export default flights",
    says: ['got dataset "flights"'],
  },
  {
    name: "an import of a file that is not there",
    edits: [['import { z } from "zod";', 'import { z } from "zod";\nimport { areas } from "./areas.ts";']],
    codes: ["project-import-missing"],
    line: "import { areas }",
    says: ["there is no file areas.ts to import"],
  },
  {
    name: "an import of a package that is not installed",
    edits: [['import { z } from "zod";', 'import { z } from "zod";\nimport lodash from "lodash-of-nobody";']],
    codes: ["project-import-missing"],
    line: "import lodash",
    says: ["lodash-of-nobody"],
  },
  {
    name: "an import of a name that Steward has not",
    edits: [["  allAtOnce, auc,", "  allAtOnce, blueGreen, auc,"]],
    codes: ["project-evaluation-failed"],
    says: ["blueGreen"],
  },
  {
    name: "an imported file that throws",
    edits: [['import { z } from "zod";', 'import { z } from "zod";\nimport "./areas.ts";']],
    files: { "areas.ts": 'throw new Error("areas are closed");\n' },
    codes: ["project-evaluation-failed"],
    says: ["areas are closed", "in areas.ts:1"],
  },
  {
    name: "a file of broken syntax",
    source: 'export default project("flights", {\n',
    codes: ["project-type-error"],
    says: ["'}' expected"],
  },
  {
    name: "an empty file",
    source: "",
    codes: ["project-file-invalid"],
    says: ["got no default export"],
  },
];
