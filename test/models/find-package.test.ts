import { describe, expect, it } from "vitest";
import { formatOf } from "../../framework/definitions/format.ts";
import { findPackage } from "../../framework/models/find-package.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import { objectKey } from "../../framework/store/keys.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const identity = "a".repeat(64);

/** Stores a package with its model and what its framework answered, and names it. */
async function storePackage() {
  const { store } = given;
  const onnx = await store.putBytes(Buffer.from("model"));
  const answers = await store.putBytes(Buffer.from("answers"));
  const { sha256: digest } = await store.putJson({
    format: formatOf("model-package"),
    model: "late",
    onnx,
    answers,
    task: "binary",
    inputs: [],
    output: "probability",
    categories: {},
    run: "b".repeat(64),
    trainingSet: "c".repeat(64),
    example: {},
  });
  await nameArtefact(store, artefactNames.package(identity), digest);
  return { digest, onnx, answers };
}

describe("a package", () => {
  it("is found whole", async () => {
    expect(await findPackage(given.store, identity)).toEqual({});
    const { digest } = await storePackage();
    expect(await findPackage(given.store, identity)).toEqual({ digest });
  });

  it.each([
    ["onnx", "the model file of its package"],
    ["answers", "what its framework answered"],
  ] as const)("is lost where its %s is altered or gone", async (part, what) => {
    const stored = await storePackage();
    const { sha256, size } = stored[part];
    await given.tamper(objectKey("", sha256), "x".repeat(size));
    expect(await findPackage(given.open(), identity)).toEqual({
      lost: `${what} has other bytes in the store than were written`,
    });
    await given.client.removeObject(given.connection.bucket, `${given.prefix}/${objectKey("", sha256)}`);
    expect(await findPackage(given.open(), identity)).toEqual({ lost: `${what} is gone from the store` });
  });
});
