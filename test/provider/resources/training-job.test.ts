import { describe, expect, it } from "vitest";
import { referTo } from "../../../framework/plan/desired.ts";
import { closeTrainer } from "../../../framework/provider/resources/trainer-files.ts";
import { trainingJobResource } from "../../../framework/provider/resources/training-job.ts";
import { type Properties, unknown } from "../../../framework/provider/values.ts";
import { createFakeBackend, createFakeContext } from "../fake-backend.ts";
import { connection, trainingSpec } from "../specs.ts";

const files = [
  { path: "requirements.lock", sha256: "1".repeat(64), size: 10 },
  { path: "train.py", sha256: "2".repeat(64), size: 20 },
];
const trainer = { folder: "/project", entry: "train.py", lock: "requirements.lock", files };
const inputs: Properties = JSON.parse(JSON.stringify({ project: "tests", connection, spec: trainingSpec, trainer }));
const expected = {
  digest: referTo(trainingSpec).sha256,
  reference: referTo(trainingSpec),
  closure: referTo(closeTrainer(trainer)),
};

describe("a training job", () => {
  it("is known before anything is stored", async () => {
    await expect(trainingJobResource.plan(inputs, createFakeContext(createFakeBackend()))).resolves.toEqual(expected);
  });

  it("is unknown while its inputs are", async () => {
    const planned = trainingJobResource.plan({ ...inputs, spec: unknown }, createFakeContext(createFakeBackend()));
    await expect(planned).resolves.toMatchObject({ reference: unknown });
  });

  it("brings its trainer's files, their record and its spec into the store", async () => {
    const put: string[] = [];
    const putFile = (path: string) => {
      put.push(path);
      return { sha256: path.endsWith(".py") ? "2".repeat(64) : "1".repeat(64), size: 1 };
    };
    const backend = createFakeBackend({ putFile });
    await expect(trainingJobResource.apply(inputs, createFakeContext(backend))).resolves.toEqual(expected);
    expect(put).toEqual(["/project/requirements.lock", "/project/train.py"]);
    expect(backend.stored).toEqual([closeTrainer(trainer), trainingSpec]);
  });

  it("is refused when a file changed since it was declared", async () => {
    const backend = createFakeBackend({ putFile: () => ({ sha256: "3".repeat(64), size: 1 }) });
    await expect(trainingJobResource.apply(inputs, createFakeContext(backend))).rejects.toThrow(
      /requirements\.lock.*changed while/,
    );
  });
});
