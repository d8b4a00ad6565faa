import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { describeOpenApi } from "../../framework/client/openapi.ts";
import { writePythonClient } from "../../framework/client/python-client.ts";
import { describeSpans } from "../../framework/serving/trace/otlp-message.ts";
import { usePythonPackages } from "../support/python-packages.ts";
import { subjects } from "./given-subject.ts";

const run = promisify(execFile);
const given = usePythonPackages(
  "the readers of clients, documents and spans",
  join(import.meta.dirname, "python-tools.lock"),
);

/** Runs Python. @returns its exit code and all that it prints */
async function python(
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number; readonly output: string }> {
  if (given.python === undefined) throw new Error(given.missing);
  try {
    const { stdout, stderr } = await run(given.python, [...args], { cwd });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

const use = `from late_arrival import LateArrivalClient, LateArrivalRow
client = LateArrivalClient("http://127.0.0.1:1")
row: LateArrivalRow = {
    "origin": "SEA", "sky": None, "distance": 954, "wind speed": 3.5, "class": True,
    "page": [0, 0.5, 1], "bookedAt": None, "code": "a1",
}
answer = client.predict(row)
`;
const right = {
  binary: 'label: bool = answer["label"]\nclient.feedback([{"id": answer["id"], "label": True}])\n',
  multiclass: 'rain: float = answer["probabilities"]["heavy rain"]\nclient.feedback({"id": "x", "label": "sun"})\n',
  regression: 'value: float = client.predict_many([row])["rows"][0]["value"]\n',
};

describe.each(["binary", "multiclass", "regression"] as const)("what is written of a %s label", (task) => {
  it("is a Python client that mypy finds nothing in, and finds wrong use of", async () => {
    const folder = await mkdtemp(join(given.folder, "client-"));
    await writeFile(join(folder, "late_arrival.py"), writePythonClient(subjects[task]));
    await writeFile(join(folder, "right.py"), use + right[task]);
    await writeFile(
      join(folder, "wrong.py"),
      `${use}client.predict({**row, "carrier": "AA"})\nclient.predict({"origin": "SEA"})\nx: str = answer["id"] + 1\n`,
    );
    const check = (file: string) =>
      python(
        ["-m", "mypy", "--strict", "--python-version", "3.10", "--cache-dir", ".mypy", "late_arrival.py", file],
        folder,
      );
    expect(await check("right.py")).toEqual({ code: 0, output: expect.stringContaining("Success") });
    const wrong = await check("wrong.py");
    expect(wrong.code).toBe(1);
    expect(wrong.output).toContain("Found");
    expect(wrong.output).not.toContain("late_arrival.py:");
  });

  it("is a document that the validator of OpenAPI takes", async () => {
    const folder = await mkdtemp(join(given.folder, "document-"));
    await writeFile(join(folder, "openapi.json"), JSON.stringify(describeOpenApi(subjects[task])));
    expect(await python(["-m", "openapi_spec_validator", "openapi.json"], folder)).toEqual({
      code: 0,
      output: expect.stringContaining("OK"),
    });
    await writeFile(
      join(folder, "broken.json"),
      JSON.stringify({ ...describeOpenApi(subjects[task]), paths: { x: 1 } }),
    );
    expect(await python(["-m", "openapi_spec_validator", "broken.json"], folder)).toMatchObject({ code: 1 });
  });
});

describe("a message of spans", () => {
  it("is read by OpenTelemetry's own schema, whole", async () => {
    const folder = await mkdtemp(join(given.folder, "spans-"));
    const span = {
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      spanId: "00f067aa0ba902b7",
      parentId: "00f067aa0ba902b8",
      state: "a=1",
      name: "POST /{endpoint}/predict",
      kind: "server",
      start: 1_700_000_000_000.25,
      end: 1_700_000_000_001.5,
      attributes: { text: "x", count: 3, share: 0.5, flag: true },
      error: "the request was not answered",
    } as const;
    const message = describeSpans([span, { ...span, kind: "internal" }], {
      attributes: { "service.name": "late" },
      version: "1",
    });
    await writeFile(join(folder, "spans.json"), JSON.stringify(message));
    // Protobuf's JSON has bytes in base64, OTLP's ids in hexadecimal: nothing else may differ.
    const program = `
import base64, json
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
message = json.load(open("spans.json"))
for span in message["resourceSpans"][0]["scopeSpans"][0]["spans"]:
    for key in ("traceId", "spanId", "parentSpanId"):
        span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
read = Parse(json.dumps(message), ExportTraceServiceRequest(), ignore_unknown_fields=False)
first, second = read.resource_spans[0].scope_spans[0].spans
print(json.dumps([first.trace_id.hex(), first.parent_span_id.hex(), first.kind, second.kind, first.start_time_unix_nano,
    first.status.code, [[a.key, a.value.WhichOneof("value")] for a in first.attributes], first.trace_state]))`;
    const { code, output } = await python(["-c", program], folder);
    expect({ code, read: JSON.parse(output) }).toEqual({
      code: 0,
      read: [
        span.traceId,
        span.parentId,
        2,
        1,
        1_700_000_000_000_250_000,
        2,
        [
          ["text", "string_value"],
          ["count", "int_value"],
          ["share", "double_value"],
          ["flag", "bool_value"],
        ],
        "a=1",
      ],
    });
  });
});
