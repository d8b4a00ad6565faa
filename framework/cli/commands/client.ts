/**
 * `steward client`: a typed client of an endpoint, or its OpenAPI document, from the definitions alone.
 * @module
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { describeOpenApi } from "../../client/openapi.ts";
import { writePythonClient } from "../../client/python-client.ts";
import { digestRequestType, sayDigest, versionOf } from "../../client/request-type.ts";
import { type ClientSubject, findSubject } from "../../client/subject.ts";
import { writeTypescriptClient } from "../../client/typescript-client.ts";
import { StewardError } from "../../definitions/problem.ts";
import type { ProjectSpec } from "../../definitions/spec.ts";
import { findNearest } from "../../definitions/suggestion.ts";
import { writeWhole } from "../../supervisor/private-file.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { readCallStack } from "../stack.ts";

const languages = ["typescript", "python"] as const;
type Language = (typeof languages)[number];

/** A file to be written. */
interface WrittenFile {
  readonly path: string;
  readonly text: string;
}

export const clientCommand: Command = {
  summary: "Write a typed client of an endpoint in TypeScript or Python, or its OpenAPI document.",
  arguments: "<endpoint>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    out: { type: "string", help: "the folder that the client is written to, which is made where it is not there" },
    language: { type: "string", help: `${languages.join(" or ")} (default: both)` },
    openapi: { type: "string", help: "the file that the OpenAPI document is written to" },
    check: { type: "boolean", help: "write nothing, and fail where a file is not what would be written" },
  },
  help: `
A client is one file that needs nothing else. It says which request type it was written for: an endpoint that asks for another
one refuses it with 409 and says what is different, whether or not that type was ever released. No stack has to be up, and the same
definitions give the same bytes.

  npx steward client late-arrival --out src/clients                        late-arrival.ts and late_arrival.py
  npx steward client late-arrival --out src/clients --language typescript
  npx steward client late-arrival --openapi late-arrival.openapi.json
  npx steward client late-arrival --out src/clients --check                for a pipeline`,
  run: async (call) => {
    const [name = ""] = call.arguments;
    const languages = readLanguages(call);
    const { project } = await readCallStack(call);
    const subject = findSubject(project, name);
    if (!subject) throw describeUnknown(name, project);
    const files = listFiles(call, { subject, languages });
    if (call.has("check")) await checkFiles(files, name);
    else for (const { path, text } of files) await write(path, text);
    const { type } = subject;
    const told = { endpoint: name, version: versionOf(type), requestType: sayDigest(digestRequestType(type)) };
    const paths = files.map(({ path }) => relative(process.cwd(), path));
    call.print(
      call.has("json")
        ? JSON.stringify({ ...told, files: paths }, null, 2)
        : `✔ version ${told.version}: ${paths.join(", ")}${call.has("check") ? " as they would be written" : ""}`,
    );
    return exitCodes.done;
  },
};

function readLanguages(call: Call): readonly Language[] {
  const said = call.text("language");
  const known = languages.filter((one) => said === undefined || one === said);
  if (known.length === 0)
    throw misuse('"--language" is none that clients are written in', said, `one of ${languages.join(", ")}`);
  const hasFolder = call.text("out") !== undefined;
  if (said !== undefined && !hasFolder) throw misuse('"--language" stands without "--out"', "none", "--out <folder>");
  if (!hasFolder && call.text("openapi") === undefined)
    throw misuse("it is not said what is written where", "none", "--out <folder>, --openapi <file> or both");
  return hasFolder ? known : [];
}

function listFiles(
  call: Call,
  { subject, languages }: { readonly subject: ClientSubject; readonly languages: readonly Language[] },
): readonly WrittenFile[] {
  const { endpoint } = subject;
  const folder = resolve(call.text("out") ?? ".");
  const document = call.text("openapi");
  const writers: Readonly<Record<Language, () => WrittenFile>> = {
    typescript: () => ({ path: join(folder, `${endpoint}.ts`), text: writeTypescriptClient(subject) }),
    // A module's name is a name of Python.
    python: () => ({ path: join(folder, `${nameModule(endpoint)}.py`), text: writePythonClient(subject) }),
  };
  return [
    ...languages.map((language) => writers[language]()),
    ...(document === undefined
      ? []
      : [{ path: resolve(document), text: `${JSON.stringify(describeOpenApi(subject), null, 2)}\n` }]),
  ];
}

function nameModule(endpoint: string): string {
  const name = endpoint.replaceAll("-", "_");
  return /^\d/.test(name) ? `endpoint_${name}` : name;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  writeWhole(path, text, 0o644);
}

/** @throws StewardError with every file that is not what would be written */
async function checkFiles(files: readonly WrittenFile[], endpoint: string): Promise<void> {
  const found = await Promise.all(
    files.map(async ({ path, text }) => {
      const present = await readFile(path, "utf8").catch(() => undefined);
      return present === text ? [] : [{ path, got: present === undefined ? "no file" : "other definitions" }];
    }),
  );
  const stale = found.flat();
  if (stale.length === 0) return;
  throw new StewardError(
    stale.map(({ path, got }) => ({
      code: "client-out-of-date",
      at: `endpoint/${endpoint}`,
      what: "what is written of the endpoint is not what its definitions say",
      got,
      file: relative(process.cwd(), path),
      fix: `run npx steward client ${endpoint} again without --check`,
    })),
  );
}

function describeUnknown(name: string, { definitions }: ProjectSpec): StewardError {
  const known = definitions.filter(({ kind }) => kind === "endpoint").map((one) => one.name);
  const nearest = findNearest(name, known);
  return new StewardError({
    code: "entity-unknown",
    at: `endpoint/${name}`,
    what: `the project has no endpoint "${name}"`,
    expected: known.length > 0 ? `one of ${known.join(", ")}` : "an endpoint, of which it has none",
    // No stack has to be up for a client: it is the project that must have it.
    fix: nearest !== undefined ? `did you mean "${nearest}"?` : "mend the name, or define the endpoint in the project",
  });
}

function misuse(what: string, got: string | undefined, expected: string): StewardError {
  const fix = "see npx steward client --help";
  return new StewardError({ code: "command-misused", at: "", what, ...(got !== undefined && { got }), expected, fix });
}
