import { describe, expect, it } from "vitest";
import { z } from "zod";
import { StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { auc, project } from "../../framework/index.ts";
import { definitions, flights, late, routes } from "./flight-project.ts";

const circle: Record<string, unknown> = {};
circle["self"] = circle;
const fail = (): never => {
  throw new Error("closed");
};

/** What a field of a definition may hold when its types were circumvented. */
const hostile: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  "a truth": true,
  NaN: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  "a huge number": 1e308,
  "a BigInt": 1n,
  "a symbol": Symbol("a"),
  "a function": fail,
  "an empty text": "",
  "a text": "constructor",
  "a broken text": "\ud800",
  "an empty list": [],
  "a list of nothing": [undefined, null],
  "an empty object": {},
  "a circle": circle,
  "a date": new Date(Number.NaN),
  "a map": new Map(),
  "a promise": Promise.resolve(),
  "a schema": z.object({ a: z.string() }),
  "a schema that throws": z.object({
    get a(): z.ZodString {
      return fail();
    },
  }),
  "a broken schema": z.object({ a: "string", b: undefined } as never),
  "a dataset": flights,
  "a feature set": routes,
  "a model": late,
  "a metric": auc,
  "a closed proxy": new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail, has: fail }),
  "a proxy that gives functions": new Proxy({}, { get: () => fail }),
};

type Holder = Record<PropertyKey, unknown>;
interface Field {
  readonly holder: Holder;
  readonly key: PropertyKey;
}

/** The fields of a definition at every depth, but for those of schemas and of other definitions. */
function listFields(value: unknown, isTop = true): Field[] {
  if (typeof value !== "object" || value === null || value instanceof z.ZodType) return [];
  if (!isTop && definitions.includes(value as never)) return [];
  const holder = value as Holder;
  return Reflect.ownKeys(value)
    .filter((key) => key !== "length")
    .flatMap((key) => [{ holder, key }, ...listFields(holder[key], false)]);
}

describe("whatever a definition holds", () => {
  it.each(definitions.map((definition) => [`${definition.kind} ${definition.name}`, definition] as const))(
    "is taken, or is a problem with a place: %s",
    (_, definition) => {
      const odd: string[] = [];
      let refused = 0;
      for (const { holder, key } of listFields(definition)) {
        const original = holder[key];
        for (const [name, value] of Object.entries(hostile)) {
          holder[key] = value;
          try {
            resolveProject(project("flights", { definitions }), "local");
          } catch (error) {
            if (!(error instanceof StewardError)) odd.push(`${String(key)}, ${name}: ${error}`);
            else {
              refused += 1;
              const bad = error.problems.filter(({ at, file, line }) => at === "" || !file || !line);
              if (bad.length > 0 || /\bundefined\b|\[object /.test(error.message))
                odd.push(`${String(key)}, ${name}: ${error.message}`);
            }
          } finally {
            holder[key] = original;
          }
        }
      }
      expect(odd).toEqual([]);
      expect(refused).toBeGreaterThan(50);
    },
  );

  it("leaves the right project as it was", () => {
    expect(resolveProject(project("flights", { definitions }), "local").definitions).toHaveLength(definitions.length);
  });
});
