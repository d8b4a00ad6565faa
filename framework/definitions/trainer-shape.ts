/**
 * The shape of a trainer as its builder makes it.
 * @module
 */
import { z } from "zod";
import { pathShape as path } from "./path-shape.ts";
import { isRecord } from "./plain.ts";

const shapes = {
  python: z.strictObject({ kind: z.literal("python"), file: path, lock: path }),
  mlflow: z.strictObject({
    kind: z.literal("mlflow"),
    file: path,
    lock: path,
    args: z.array(z.string().refine((arg) => !arg.includes("\0"), "a text without the character NUL")).optional(),
    label: z.string().min(1, "the name of a column").optional(),
  }),
  typescript: z.strictObject({
    kind: z.literal("typescript"),
    file: path.refine((file) => /\.m?[jt]s$/.test(file), "a file whose name ends in .ts, .mts, .js or .mjs"),
    lock: path,
  }),
  container: z.strictObject({
    kind: z.literal("container"),
    image: z
      .string()
      .regex(/^[\w.:/-]+@sha256:[0-9a-f]{64}$/, "an image with its digest: name@sha256:… of 64 hexadecimal digits"),
    command: z
      .array(z.string().min(1))
      .min(1, "a program with its arguments, at least the program")
      .transform(([program = "", ...args]) => [program, ...args] as const),
  }),
} as const;

/** A trainer of any kind. */
export const trainerShape = z
  .custom<{ readonly kind: keyof typeof shapes }>(
    (value) => isRecord(value) && typeof value["kind"] === "string" && Object.hasOwn(shapes, value["kind"]),
    'python("train.py", { lock: "requirements.lock" }), mlflowScript(…), typescript("train.ts") or container({ … })',
  )
  .pipe(z.discriminatedUnion("kind", [shapes.python, shapes.mlflow, shapes.typescript, shapes.container]));
