/**
 * What a client or an OpenAPI document is written about: an endpoint, with all that a caller of it may know. Pure.
 * @module
 */
import type { ColumnSpec, DefinitionKind, DefinitionSpec, ProjectSpec } from "../definitions/spec.ts";
import { describeRequestShape, type RequestShape } from "../features/online/request-shape.ts";
import { listServedTables } from "../features/online/served-tables.ts";
import { type AnswerShape, describeRequestType, type RequestType } from "./request-type.ts";

export interface ClientSubject {
  /** The endpoint's name. */
  readonly endpoint: string;
  /** The model's name. */
  readonly model: string;
  readonly type: RequestType;
  /** What a column means, for people, by its name. */
  readonly descriptions: ReadonlyMap<string, string>;
  /** Whether it takes labels that come later. */
  readonly hasFeedback: boolean;
  /** Whether each label says whom it says something of, since it is encrypted for them. @default false */
  readonly hasSubject?: boolean;
}

/** The parts of an endpoint that a subject is made of. */
export interface SubjectParts extends Pick<ClientSubject, "endpoint" | "model" | "hasFeedback" | "hasSubject"> {
  readonly shape: RequestShape;
  readonly answer: AnswerShape;
}

export function describeSubject({ shape, answer, ...rest }: SubjectParts): ClientSubject {
  const described = shape.columns.flatMap(({ name, description }: ColumnSpec) =>
    description === undefined ? [] : [[name, description] as const],
  );
  return { ...rest, type: describeRequestType(shape, answer), descriptions: new Map(described) };
}

/** The subject of an endpoint as a project declares it. @returns nothing where it has no endpoint of that name */
export function findSubject(
  { definitions }: Pick<ProjectSpec, "definitions">,
  name: string,
): ClientSubject | undefined {
  const all = byKind(definitions);
  const endpoint = all("endpoint").find((one) => one.name === name);
  const model = endpoint && all("model").find((one) => one.name === endpoint.model);
  const training = model && all("training-job").find((one) => one.name === model.training);
  if (!endpoint || !training) return undefined;
  const served = listServedTables({
    training,
    features: Object.fromEntries(all("features").map((one) => [one.name, one])),
    datasets: Object.fromEntries(all("dataset").map((one) => [one.name, one])),
  });
  return describeSubject({
    endpoint: name,
    model: endpoint.model,
    hasFeedback: endpoint.feedback !== undefined,
    hasSubject: endpoint.pii?.label === "encrypt",
    shape: describeRequestShape(served),
    answer: training,
  });
}

function byKind(definitions: readonly DefinitionSpec[]) {
  return <Kind extends DefinitionKind>(kind: Kind) =>
    definitions.filter((one): one is Extract<DefinitionSpec, { readonly kind: Kind }> => one.kind === kind);
}
