/**
 * The program of a test's stack: it declares what `TEST_DECLARE` says.
 * @module
 */
import { readFileSync } from "node:fs";
import { CustomResource, type CustomResourceOptions, type Output, secret } from "@pulumi/pulumi";
import type { Declared } from "./workspace.ts";

const outputs = ["reference", "closure", "root", "package", "version", "state", "status"];

class Resource extends CustomResource {
  constructor({ type, name, inputs }: Declared, options: CustomResourceOptions) {
    super(
      type,
      name,
      { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...Object(resolve(inputs)) },
      options,
    );
  }
}

const made = new Map<string, Resource>();

function resolve(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(resolve);
  if ("$secret" in value) return secret(value.$secret);
  if ("$of" in value && "$output" in value) {
    const output: Output<unknown> = Reflect.get(find(String(value.$of)), String(value.$output));
    return output;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]));
}

function find(name: string): Resource {
  const resource = made.get(name);
  if (!resource) throw new Error(`"${name}" is not declared before it is used`);
  return resource;
}

const declared: readonly Declared[] = JSON.parse(readFileSync(process.env["TEST_DECLARE"] ?? "", "utf8"));
for (const resource of declared) {
  made.set(resource.name, new Resource(resource, { dependsOn: (resource.dependsOn ?? []).map(find) }));
}
