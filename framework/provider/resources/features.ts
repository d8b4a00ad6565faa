/**
 * `steward:index:Features`: a set of feature expressions, kept in the store by its digest. It owns nothing that runs.
 * @module
 */
import { z } from "zod";
import { featuresSpec } from "../../definitions/spec.ts";
import { createStoredResource, storedInputs } from "./stored.ts";

export const featuresResource = createStoredResource({
  token: "steward:index:Features",
  schema: z.strictObject({ ...storedInputs, spec: featuresSpec }),
});
