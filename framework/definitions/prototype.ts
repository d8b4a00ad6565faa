/**
 * Changed prototypes: what a module adds to what all objects have is read everywhere, as if it had been written there.
 * @module
 */
import { StewardError } from "./problem.ts";
import { quote } from "./value-text.ts";

/** What there was when this module was loaded, which a project file does before it does anything. */
const originals = [
  { name: "Object.prototype", prototype: Object.prototype, keys: new Set(Reflect.ownKeys(Object.prototype)) },
  { name: "Array.prototype", prototype: Array.prototype, keys: new Set(Reflect.ownKeys(Array.prototype)) },
];

/** Whether anything reads it: of a list, a method that a polyfill defines as the language does is read by its callers alone. */
function isRead(prototype: object, key: PropertyKey): boolean {
  if (prototype !== Array.prototype || key === "toJSON" || typeof key === "symbol") return true;
  return Object.prototype.propertyIsEnumerable.call(prototype, key);
}

/**
 * Makes sure that nothing was added to the prototypes of objects and lists. Nothing else can be checked where something was.
 *
 * @throws StewardError when something was
 */
export function requireOriginals(): void {
  const problems = originals.flatMap(({ name, prototype, keys }) => {
    const added = Reflect.ownKeys(prototype).filter((key) => !keys.has(key) && isRead(prototype, key));
    const got = added.map((key) => quote(String(key))).join(", ");
    const what = `${name} has what no object should have`;
    return added.length === 0 ? [] : [{ code: "prototype-changed", at: "", what, got } as const];
  });
  if (problems.length > 0) throw new StewardError(problems);
}
