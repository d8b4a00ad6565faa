/**
 * Pulumi's engine in memory: it records what a program declares.
 * @module
 */
import { type Resource, runtime } from "@pulumi/pulumi";

/** A declared resource as the engine saw it. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  /** The inputs that hold a secret: these mocks are told no more closely where. */
  readonly secret: readonly string[];
}

/** Records every resource from now on. Outputs that a definition needs have values of their own. */
export async function recordResources(): Promise<Declared[]> {
  const declared: Declared[] = [];
  await runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        const sent: Record<string, unknown> = inputs;
        const secret = Object.keys(sent).filter((key) => isMarked(sent[key]));
        declared.push({
          type,
          name,
          inputs: Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, unmark(value)])),
          secret,
        });
        const reference = { sha256: `sha-of-${name}`, size: 1 };
        return {
          id: name,
          state: {
            reference,
            closure: reference,
            root: `root-of-${name}`,
            package: `package-of-${name}`,
            version: 1,
            url: `url-of-${name}`,
            status: "ready",
          },
        };
      },
      call: () => ({}),
    },
    "steward",
    "test",
    false,
  );
  return declared;
}

/** Waits for all that has been declared, so that it is recorded. */
export async function settle(...resources: readonly Resource[]): Promise<void> {
  for (const resource of resources) await new Promise<void>((resolve) => resource.urn.apply(() => resolve()));
  await runtime.disconnect();
}

/** The URN, in which the types of the parents stand. */
export function urnOf(resource: Resource): Promise<string> {
  return new Promise((resolve) => resource.urn.apply(resolve));
}

const signature = "4dabf18193072939515e22adb298388d";

function isMarked(value: unknown): value is { readonly value: unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    signature in value &&
    value[signature] === "1b47061264138c4ac30d75fd1eb44270"
  );
}

function unmark(value: unknown): unknown {
  return isMarked(value) ? value.value : value;
}
