import { describe, expect, it } from "vitest";
import { formatOf } from "../../framework/definitions/format.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import { objectKey } from "../../framework/store/keys.ts";
import { findRun } from "../../framework/training/find-run.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const identity = "a".repeat(64);

/** Stores a run with its model and what its framework answered, and names it. */
async function storeRun() {
  const { store } = given;
  const onnx = await store.putBytes(Buffer.from("model"));
  const answers = await store.putBytes(Buffer.from("answers"));
  const reference = await store.putJson({
    format: formatOf("run"),
    identity,
    trainingSet: "b".repeat(64),
    trainer: onnx,
    onnx,
    answers,
    params: {},
    seed: 1,
    metrics: {},
    log: onnx,
    seconds: 1,
  });
  await nameArtefact(store, artefactNames.run(identity), reference.sha256);
  return { reference, onnx, answers };
}

describe("a run", () => {
  it("is found whole", async () => {
    expect(await findRun(given.store, identity)).toEqual({});
    const { reference, answers } = await storeRun();
    const { found, lost } = await findRun(given.store, identity);
    expect({ reference: found?.reference, answers: found?.run.answers, lost }).toEqual({
      reference,
      answers,
      lost: undefined,
    });
  });

  it.each([
    ["onnx", "the model file of its run"],
    ["answers", "what its framework answered"],
  ] as const)("is lost where its %s is altered or gone", async (part, what) => {
    const stored = await storeRun();
    const { sha256, size } = stored[part];
    await given.tamper(objectKey("", sha256), "x".repeat(size));
    expect(await findRun(given.open(), identity)).toEqual({
      lost: `${what} has other bytes in the store than were written`,
    });
    await given.client.removeObject(given.connection.bucket, `${given.prefix}/${objectKey("", sha256)}`);
    expect(await findRun(given.open(), identity)).toEqual({ lost: `${what} is gone from the store` });
  });
});
