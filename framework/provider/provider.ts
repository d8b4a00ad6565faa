/**
 * The provider of one operation of Pulumi: which types of resources there are, and what a call to one of them can use.
 * @module
 */
import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";
import { type Connection, connectionSchema } from "../connection/connection.ts";
import { readStack } from "../connection/stack-folder.ts";
import { StewardError } from "../definitions/problem.ts";
import type { EntityStatus } from "../engine/entity-status.ts";
import type { Actor } from "../engine/messages.ts";
import { findGitState, type GitState } from "../project/git-state.ts";
import type { Backend } from "./backend.ts";
import { DestroyGuard, readDestroyWord } from "./destroy.ts";
import type { Reporter } from "./progress.ts";
import { relocateInputs } from "./relocation.ts";
import type { CallContext, Recorded, ResourceType } from "./resource.ts";
import { datasetResource } from "./resources/dataset.ts";
import { endpointResource } from "./resources/endpoint.ts";
import { featuresResource } from "./resources/features.ts";
import { modelResource } from "./resources/model.ts";
import { serviceResource } from "./resources/service.ts";
import { trainingJobResource } from "./resources/training-job.ts";
import { SeenSpecs } from "./seen-specs.ts";
import { type Properties, redact } from "./values.ts";

const resourceTypes: ReadonlyMap<string, ResourceType> = new Map(
  [serviceResource, datasetResource, featuresResource, trainingJobResource, modelResource, endpointResource].map(
    (type) => [type.token, type],
  ),
);

/** A call about one resource. */
export interface ResourceCall {
  readonly type: ResourceType;
  readonly context: CallContext;
  /** The resource's name in the program. */
  readonly name: string;
  /** The resource's id. Empty when it is not known. */
  readonly id: string;
  /** The texts that must not leave in clear. */
  readonly secrets: readonly string[];
}

export interface CallStart {
  readonly urn: string;
  readonly secrets: readonly string[];
  /** @default "" */
  readonly id?: string;
  /** Inputs to find the id by. @default the id is given or not known */
  readonly identifyBy?: Properties;
}

export interface ProviderOptions {
  readonly backend: Backend;
  readonly reporterOf: (urn: string) => Reporter;
  /** Where `STEWARD_DESTROY` and `STEWARD_ADOPT` are. */
  readonly environment: NodeJS.ProcessEnv;
  /** The folder of the project or one below it, absolute. */
  readonly folder: string;
}

/** One operation of Pulumi as the provider sees it. */
export class Provider {
  readonly guard: DestroyGuard;
  readonly #options: ProviderOptions;
  readonly #cancelled = new AbortController();
  readonly #seen = new SeenSpecs();
  readonly #actor = findActor();
  #code: Promise<GitState | undefined> | undefined;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.guard = new DestroyGuard(readDestroyWord(options.environment["STEWARD_DESTROY"]));
  }

  /** Begins a call. @throws StewardError for a resource of an unknown type */
  begin({ urn, secrets, id = "", identifyBy }: CallStart): ResourceCall {
    const type = resourceTypes.get(tokenOf(urn));
    if (!type) {
      throw new StewardError({
        code: "resource-type-unknown",
        at: urn,
        what: `there is no type of resource "${tokenOf(urn)}"`,
        expected: `one of ${[...resourceTypes.keys()].join(", ")}`,
      });
    }
    const context: CallContext = {
      backend: this.#options.backend,
      reporter: withoutSecrets(this.#options.reporterOf(urn), secrets),
      cancelled: this.#cancelled.signal,
      actor: this.#actor,
      code: () => {
        this.#code ??= findGitState(this.#options.folder);
        return this.#code;
      },
      adopt: this.#options.environment["STEWARD_ADOPT"] === "1",
      abandon: this.guard.abandons,
      seen: this.#seen,
    };
    return {
      type,
      context,
      name: urn.split("::").at(-1) ?? "",
      secrets,
      id: identifyBy ? type.identify(identifyBy) : id,
    };
  }

  /** The entities of the stack that a resource belongs to; none where the stack has no engine. */
  async listEntities(
    inputs: Properties,
  ): Promise<{ readonly entities: readonly EntityStatus[]; readonly owner: string }> {
    const connection = findConnection(inputs);
    const { backend } = this.#options;
    if (!connection || !(await backend.deployed(connection))) return { entities: [], owner: "" };
    const engine = await backend.engine(connection);
    const project = connection.owner.split("/")[0] ?? "";
    return { entities: await engine.list(project), owner: connection.owner };
  }

  /** What the state has of a resource, led to the stack of this checkout. @throws StewardError as `relocateInputs` */
  relocate(urn: string, recorded: Recorded): Recorded {
    const inputs = relocateInputs(recorded.inputs, { stack: stackOf(urn), folder: this.#options.folder });
    return { ...recorded, inputs };
  }

  /** Ends all waiting; what has been accepted goes on. */
  cancel(): void {
    this.#cancelled.abort();
  }
}

/** Of `urn:pulumi:local::steward::parent$steward:index:Model::late-arrival`, the stack. */
function stackOf(urn: string): string {
  return urn.split("::")[0]?.split(":")[2] ?? "";
}

/** Of the same, the type. */
function tokenOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** The connection that a resource has, or that the folder of its stack has. */
function findConnection({ connection, stackFolder }: Properties): Connection | undefined {
  const own = connectionSchema.safeParse(connection);
  if (own.success) return own.data;
  return typeof stackFolder === "string" ? readStack(stackFolder)?.connection : undefined;
}

function withoutSecrets(reporter: Reporter, secrets: readonly string[]): Reporter {
  return {
    progress: (line) => reporter.progress(redact(line, secrets)),
    info: (line) => reporter.info(redact(line, secrets)),
    warn: (line) => reporter.warn(redact(line, secrets)),
  };
}

/** Who runs Pulumi: the person that git knows here, else the user of the machine. */
function findActor(): Actor {
  try {
    const email = execFileSync("git", ["config", "user.email"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    if (email !== "") return { id: email, via: "pulumi" };
  } catch {
    // No git, or it knows nobody.
  }
  return { id: userInfo().username, via: "pulumi" };
}
