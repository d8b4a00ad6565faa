/**
 * An endpoint with the labels of its answers, for commands.
 * @module
 */
import { join } from "node:path";
import type { FeedbackSpec } from "../definitions/feedback-spec.ts";
import { StewardError } from "../definitions/problem.ts";
import type { DatasetSpec, DefinitionKind, DefinitionSpec, ProjectSpec } from "../definitions/spec.ts";
import { findNearest } from "../definitions/suggestion.ts";
import type { EntityStatus } from "../engine/entity-status.ts";
import type { FeedbackLogs } from "../feedback/feedback-view.ts";
import { requirePrepared, type StackPlace } from "./stack.ts";

/** What a project declares of an endpoint that takes labels. */
export interface FeedbackEndpoint extends Pick<FeedbackLogs, "endpoint" | "task"> {
  readonly feedback: FeedbackSpec;
  /** The names of the model's metrics. */
  readonly metrics: readonly string[];
  /** @default no dataset has labels */
  readonly dataset?: DatasetSpec;
  /** Whether each label says whom it says something of, since it is encrypted for them. */
  readonly hasSubject: boolean;
  /** Whether labels say something of persons: none is said back. */
  readonly isPersonal: boolean;
}

/** Finds an endpoint that takes labels. @throws StewardError when there is none of that name, or it takes none */
export function requireFeedback({ definitions }: Pick<ProjectSpec, "definitions">, name: string): FeedbackEndpoint {
  const endpoint = find(definitions, "endpoint", name);
  if (!endpoint) {
    const known = definitions.flatMap((one) => (one.kind === "endpoint" ? [one.name] : []));
    const nearest = findNearest(name, known);
    throw new StewardError({
      code: "entity-unknown",
      at: "",
      what: `there is no endpoint "${name}"`,
      expected: known.length > 0 ? `one of ${known.join(", ")}` : "one that the project lists; it lists none",
      ...(nearest && { fix: `did you mean "${nearest}"?` }),
    });
  }
  const { feedback } = endpoint;
  if (!feedback) {
    throw new StewardError({
      code: "feedback-refused",
      at: `endpoint/${name}`,
      what: `endpoint "${name}" takes no labels`,
      fix: 'declare its "feedback": { label: …, matures: … }',
    });
  }
  const model = find(definitions, "model", endpoint.model);
  const training = model && find(definitions, "training-job", model.training);
  const dataset = feedback.from && find(definitions, "dataset", feedback.from.dataset);
  return {
    endpoint: name,
    feedback,
    // A spec whose parts are missing does not come to be.
    task: training?.task ?? "binary",
    metrics: model?.metrics ?? [],
    hasSubject: endpoint.pii?.label === "encrypt",
    isPersonal: endpoint.pii?.label !== undefined,
    ...(dataset && { dataset }),
  };
}

/** The folder with the segments of an endpoint's log. */
export function locateSegments(stack: Pick<StackPlace, "name" | "folder">, endpoint: string): string {
  return join(requirePrepared(stack).paths.requests, endpoint);
}

/** Where an endpoint answers. @throws StewardError when it does not serve */
export function requireAddress(name: string, status: EntityStatus | undefined): string {
  if (status?.live?.kind === "endpoint") return status.live.address;
  throw new StewardError({
    code: "endpoint-not-serving",
    at: `endpoint/${name}`,
    what: `endpoint "${name}" does not serve, and takes no labels`,
    got: status?.summary ?? `no endpoint "${name}"`,
    fix: "look at npx steward status",
  });
}

function find<K extends DefinitionKind>(
  definitions: readonly DefinitionSpec[],
  kind: K,
  name: string,
): Extract<DefinitionSpec, { kind: K }> | undefined {
  return definitions.find((one): one is Extract<DefinitionSpec, { kind: K }> => one.kind === kind && one.name === name);
}
