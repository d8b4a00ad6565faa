import { describe, expect, it } from "vitest";
import { commentLines, fillIn, pascalCase } from "../../framework/client/client-text.ts";
import { describeOpenApi } from "../../framework/client/openapi.ts";
import { writePythonClient } from "../../framework/client/python-client.ts";
import { writeTypescriptClient } from "../../framework/client/typescript-client.ts";
import type { ColumnSpec } from "../../framework/definitions/spec.ts";
import { subject } from "./given-subject.ts";

function column(name: string, type: ColumnSpec["type"], rest: Partial<ColumnSpec> = {}): ColumnSpec {
  return { name, type, nullable: false, known: "0 seconds", ...rest };
}

describe("the name of an endpoint's types", () => {
  it.each([
    ["late-arrival", "LateArrival"],
    ["2nd-try", "Endpoint2ndTry"],
    // ValueError, TypeError and OSError are Python's own, which its client catches and raises.
    ["value", "EndpointValue"],
    ["type", "EndpointType"],
    ["o-s", "EndpointOS"],
    ["values", "Values"],
  ])("of %s is %s", (endpoint, name) => {
    expect(pascalCase(endpoint)).toBe(name);
  });

  it("is not taken for what stands for something else in a client's text", () => {
    expect(fillIn("NAME at PATH, NAMEd", { NAME: "PATH", PATH: '"/x"' })).toBe('PATH at "/x", PATHd');
    const text = writeTypescriptClient(subject({ endpoint: "p-a-t-h" }));
    expect(text).toContain("export class PATHClient {");
    expect(text).toContain('const path = "/p-a-t-h";');
  });
});

describe("what is told of a column", () => {
  it("is of lines, whatever ends them, so that none of it is read as a program", () => {
    const told = commentLines(
      column("x", "number", { unit: "m\nimport sys" }),
      "one\rimport os\u2028three\n\nfour\tis",
    );
    expect(told).toEqual(["One.", "Import os.", "Three.", "Four\tis.", "In m.", "Import sys."]);
  });

  it("is nothing of a column that has the name of what every object has", () => {
    const shape = { columns: [column("at", "timestamp"), column("constructor", "boolean")], eventTime: "at" };
    const odd = subject({ shape });
    expect(writeTypescriptClient(odd)).toContain("  readonly constructor: boolean;");
    expect(writePythonClient(odd)).toContain("    constructor: bool\n");
    expect(describeOpenApi(odd)).toMatchObject({
      components: { schemas: { Row: { properties: { constructor: { type: "boolean" } } } } },
    });
  });
});
