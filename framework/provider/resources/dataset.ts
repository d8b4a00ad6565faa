/**
 * `steward:index:Dataset`: a source under a contract, ingested into immutable versions.
 * @module
 */
import { z } from "zod";
import { listPrograms } from "../../definitions/derivation-programs.ts";
import { describeSource, isLocal } from "../../definitions/source-location.ts";
import { type DatasetSpec, datasetSpec } from "../../definitions/spec.ts";
import type { EntityStatus } from "../../engine/entity-status.ts";
import { desireDataset, referTo } from "../../plan/desired.ts";
import { isUpToDate } from "../../plan/plan-dataset.ts";
import type { Reference } from "../../store/reference.ts";
import type { ProviderStore } from "../backend.ts";
import { isKnown, type Properties, propertiesOf, unknown } from "../values.ts";
import { createEntityResource, type EntityPlan, entityInputs } from "./entity.ts";
import { closeTrainer, trainerFilesSchema, uploadTrainer } from "./trainer-files.ts";

const inputsSchema = z.strictObject({
  ...entityInputs,
  spec: datasetSpec,
  /** Where the worker finds the source; of a source elsewhere, what people are told of it. */
  location: z.string().min(1),
  /** The source's content, as a digest; "" where the worker looks at it. */
  fingerprint: z.string(),
  /** The root of the version of each dataset that it is derived from, by name. @default it is derived from none */
  upstream: z.record(z.string(), z.string()).optional(),
  /** The files of its steps' programs, in the order of the steps. @default it has none */
  programs: z.array(trainerFilesSchema).optional(),
});

type Inputs = z.output<typeof inputsSchema>;

export const datasetResource = createEntityResource<Inputs>({
  token: "steward:index:Dataset",
  kind: "dataset",
  schema: inputsSchema,
  upload: uploadPrograms,
  desire: ({ spec, location, fingerprint, upstream, programs }) =>
    desireDataset(spec, { location, fingerprint, upstream, programs: referToAll(programs) }),
  describe: describeDataset,
  plan: planDataset,
});

async function uploadPrograms({ spec, programs = [] }: Inputs, store: ProviderStore): Promise<void> {
  const places = listPrograms(spec);
  for (const [i, program] of programs.entries())
    await uploadTrainer(program, store, `${spec.name}.${places[i]?.at ?? "source"}`);
}

function referToAll(programs: Inputs["programs"]): readonly Reference[] | undefined {
  return programs?.map((program) => referTo(closeTrainer(program)));
}

/** The outputs that a status stands for. */
function describeDataset(status: EntityStatus, { spec }: Pick<Inputs, "spec">): Properties {
  const { live } = status;
  return {
    reference: { ...referTo(spec) },
    ...(live?.kind === "dataset" ? { root: live.root, rows: live.rows, quarantined: live.quarantined } : {}),
    generation: status.generation,
    state: status.state,
    status: status.summary,
  };
}

/** The root is known unless an ingest will run: when neither the source nor what is read of it has changed. Pure. */
export function planDataset({ inputs, live }: EntityPlan): Properties {
  const parsed = inputsSchema.safeParse(inputs);
  const undecided: Properties = {
    root: unknown,
    rows: unknown,
    quarantined: unknown,
    generation: unknown,
    state: unknown,
  };
  if (!parsed.success) return { reference: unknown, ...undecided, status: `unknown until ${findOpen(inputs)}` };
  const { spec, fingerprint, upstream } = parsed.data;
  const programs = referToAll(parsed.data.programs);
  const readmitted = live?.readmitted?.rows;
  const version = live?.live?.kind === "dataset" ? live.live : undefined;
  if (live && version && isUpToDate(spec, { live: version, fingerprint, upstream, programs, readmitted })) {
    return {
      ...describeDataset(live, parsed.data),
      generation: unknown,
      state: "ready",
      status: `will keep its version: ${explainKept(spec)}`,
    };
  }
  return { reference: { ...referTo(spec) }, ...undecided, status: `will ingest ${describeSource(spec.source)}` };
}

function explainKept({ source }: DatasetSpec): string {
  if (source.kind === "derived") return "what it is derived from is unchanged";
  return isLocal(source)
    ? "the source is unchanged"
    : "its source is looked at when it is asked to, and on its schedule";
}

/** What the inputs wait for: the versions upstream that are not known yet. */
function findOpen(inputs: Properties): string {
  const open = Object.entries(propertiesOf(inputs["upstream"])).flatMap(([name, root]) =>
    isKnown(root) ? [] : [name],
  );
  return open.length > 0 ? `ingest of ${open.join(" and ")}` : "its inputs are known";
}
