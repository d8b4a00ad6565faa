import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collectFacts, collectLocalFacts } from "../../framework/cli/collect-facts.ts";
import type { DatasetSpec, DefinitionSpec, ProjectSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { EntityStatus, LiveDataset, LiveModel } from "../../framework/engine/entity-status.ts";
import { desireModel, referTo } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import {
  evaluationIdentity,
  ingestIdentity,
  packageIdentity,
  runIdentity,
  trainingSetIdentity,
} from "../../framework/plan/identity.ts";
import { plan } from "../../framework/plan/plan.ts";
import type { Store } from "../../framework/store/store.ts";
import { failure } from "../support/failure.ts";
import { useFakeGpus, useFakeNvidiaSmi } from "../support/fake-gpus.ts";
import { habits, shop, spender, spending, visits } from "../support/project.ts";
import { tuningOf } from "../training/tuning/trials.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-facts-"));
  writeFileSync(join(folder, "visits.csv"), "at,shop,spent\n");
  cpSync(join(import.meta.dirname, "../support/tiny-trainer"), folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha = (name: string) => digestOf(name);
const root = sha("the version");
const definitions: DefinitionSpec[] = [visits, habits, spending, spender];
const project: ProjectSpec = { ...shop, definitions };
const specs = new Map<string, DefinitionSpec>(definitions.map((spec) => [`${spec.kind}/${spec.name}`, spec]));

/** What is asked, of a project of these definitions. */
function survey(...given: DefinitionSpec[]) {
  return {
    project: { ...project, definitions: given.length > 0 ? given : definitions },
    loaded: { folder },
    inputs: {},
  };
}

/** The statuses of the project as it stands, deployed and done. */
async function deployed(): Promise<{
  readonly dataset: EntityStatus;
  readonly model: EntityStatus;
  readonly trainer: string;
}> {
  const { sources, trainers } = await collectLocalFacts(survey());
  const source = sources["visits"] ?? { location: "", fingerprint: "" };
  const common = {
    format: "entity-status/1",
    owner: "shop/local",
    generation: 1,
    settled: 1,
    state: "ready",
    summary: "",
    reasons: [],
    durations: {},
  } as const;
  const rows: LiveDataset = {
    kind: "dataset",
    root,
    rows: 0,
    quarantined: 0,
    identity: ingestIdentity(visits, source.fingerprint),
  };
  const desired = desireModel(spender, {
    training: spending,
    features: { habits },
    specs,
    roots: { visits: root },
    trainer: trainers["spending"],
  });
  const version: LiveModel = {
    kind: "model",
    version: 1,
    package: sha("the package"),
    evaluation: sha("the evaluation"),
    run: sha("the run"),
    desired,
    fence: 1,
  };
  return {
    dataset: {
      ...common,
      kind: "dataset",
      name: "visits",
      digest: "",
      desired: { kind: "dataset", spec: referTo(visits), ...source },
      live: rows,
    },
    model: { ...common, kind: "model", name: "spender", digest: digestOf(desired), desired, live: version },
    trainer: trainers["spending"]?.sha256 ?? "",
  };
}

/** A store of these names and objects, which notes what is read. */
function storeOf(
  content: { readonly names?: Record<string, unknown>; readonly objects?: Record<string, unknown> } = {},
) {
  const read: string[] = [];
  const note = (key: string) => void read.push(key);
  const store: Partial<Store> = {
    readName: async (name) => {
      note(name);
      const value = content.names?.[name];
      return value === undefined ? undefined : { format: "artefact/1", digest: String(value) };
    },
    has: async (digest) => content.objects?.[digest] !== undefined,
    check: async ({ sha256 }) => (content.objects?.[sha256] === undefined ? "gone" : "whole"),
    getJson: async (object, schema) => {
      const digest = typeof object === "string" ? object : object.sha256;
      note(digest);
      return schema.parse(content.objects?.[digest]);
    },
  };
  return { read, open: async () => store as Store };
}

function engineOf(...entities: readonly EntityStatus[]) {
  const asked: string[] = [];
  const list = async (name: string) => {
    asked.push(name);
    return [...entities];
  };
  return { asked, list };
}

const neverOpened = async (): Promise<Store> => {
  throw new Error("the store was opened");
};

describe("an unchanged project", () => {
  it("is one listing, and the store is not even opened", async () => {
    const { dataset, model } = await deployed();
    const engine = engineOf(dataset, model);
    const facts = await collectFacts(survey(), { engine, store: neverOpened });
    expect(engine.asked).toEqual(["shop"]);
    expect(Object.keys(facts.deployed).sort()).toEqual([
      "dataset/visits",
      "features/habits",
      "model/spender",
      "training-job/spending",
    ]);
    expect(facts.production["spender"]).toEqual({ model: spender, training: spending, features: { habits } });
    expect(plan(project, facts).changes).toBe(false);
  });
});

describe("a project whose jobs use GPUs", () => {
  const tuned: TrainingJobSpec = {
    ...spending,
    tuning: tuningOf({ trials: 30, parallel: 2 }),
    resources: { ...spending.resources, cpu: 0.01, gpu: { count: 1, type: "h100" } },
  };

  it("is planned with those of the machine: trials that find none free wait their turn", async () => {
    useFakeGpus("NVIDIA H100", "NVIDIA T4");
    const asked = survey(visits, habits, tuned, spender);
    const facts = await collectLocalFacts(asked);
    expect(facts.gpus).toEqual(["NVIDIA H100", "NVIDIA T4"]);
    const [, , , model] = plan(asked.project, facts).definitions;
    expect(model?.consequences.find(({ step }) => step === "tune")?.extent).toBe(
      '30 trials, 1 at a time (2 were asked for; the machine has 1 GPU of type "h100", the others wait their turn)',
    );
  });

  it("is not planned on a machine that has too few", async () => {
    useFakeGpus("NVIDIA T4");
    const { problems } = await failure(collectLocalFacts(survey(visits, habits, tuned, spender)));
    expect(problems).toMatchObject([{ code: "gpu-unavailable", at: "spending.resources.gpu.type" }]);
  });

  it("is planned without those of the machine, nor its cores, where jobs run on a cluster", async () => {
    useFakeGpus("NVIDIA T4");
    const facts = await collectLocalFacts({ ...survey(visits, habits, tuned, spender), hasCluster: true });
    expect(facts).not.toHaveProperty("gpus");
    expect(facts).not.toHaveProperty("cores");
  });

  it("runs nvidia-smi for no other project", async () => {
    const { listTold } = useFakeNvidiaSmi("exit 1");
    expect(await collectLocalFacts(survey())).not.toHaveProperty("gpus");
    expect(listTold()).toEqual([]);
  });
});

describe("a changed project", () => {
  it("reads the specs that it has no more, each once", async () => {
    const { dataset, model } = await deployed();
    const edited = { ...spender, owner: "others" };
    const { read, open } = storeOf({ objects: { [referTo(spender).sha256]: spender } });
    const facts = await collectFacts(survey(visits, habits, spending, edited), {
      engine: engineOf(dataset, model),
      store: open,
    });
    expect(facts.deployed["model/spender"]).toEqual(spender);
    expect(read.filter((key) => key === referTo(spender).sha256)).toHaveLength(1);
    expect(
      plan(survey(visits, habits, spending, edited).project, facts).definitions.map(({ change }) => change),
    ).toEqual(["none", "none", "none", "update"]);
  });

  it("reads the spec of what was removed", async () => {
    const { dataset, model } = await deployed();
    const { open } = storeOf({
      objects: {
        [referTo(visits).sha256]: visits,
        [referTo(habits).sha256]: habits,
        [referTo(spending).sha256]: spending,
        [referTo(spender).sha256]: spender,
      },
    });
    const other = { ...visits, name: "others" };
    const facts = await collectFacts(survey(other), { engine: engineOf(dataset, model), store: open });
    expect(facts.deployed["dataset/visits"]).toEqual(visits);
    expect(facts.entities).toHaveLength(2);
  });

  it("is looked up from result to result until the plan asks for nothing new", async () => {
    const { dataset, model, trainer } = await deployed();
    const edited = { ...spending, seed: 2 };
    const trainingSet = trainingSetIdentity({ training: edited, features: { habits }, roots: { visits: root } });
    const run = runIdentity(edited, { trainingSet, trainer });
    const names = {
      package: `packages/${packageIdentity(spender, run)}`,
      evaluation: `evaluations/${evaluationIdentity(spender, { package: sha("made before"), production: sha("the package") })}`,
      trainingSet: `training-sets/${trainingSet}`,
    };
    const onnx = { sha256: sha("onnx"), size: 1 };
    const made = { format: "model-package/1", onnx };
    const { read, open } = storeOf({
      names: { [`${names.package}/1`]: sha("made before"), [`${names.evaluation}/1`]: sha("judged before") },
      objects: {
        [referTo(spending).sha256]: spending,
        [sha("made before")]: made,
        [sha("judged before")]: {},
        [onnx.sha256]: {},
      },
    });
    const store = async (): Promise<Store> => {
      const opened = await open();
      // The schemas of package and report are their modules' business: here it counts that they are there, whole.
      const others = new Map<unknown, unknown>([
        [sha("made before"), made],
        [sha("judged before"), {}],
      ]);
      return {
        ...opened,
        getJson: async (object, schema) => (others.get(object) as never) ?? opened.getJson(object, schema),
      };
    };
    const facts = await collectFacts(survey(visits, habits, edited, spender), {
      engine: engineOf(dataset, model),
      store,
    });
    // The evaluation's identity has the package in it: only after the package was found could it be asked for.
    expect([...facts.artefacts]).toEqual([
      [`package/${packageIdentity(spender, run)}`, sha("made before")],
      [
        `evaluation/${evaluationIdentity(spender, { package: sha("made before"), production: sha("the package") })}`,
        sha("judged before"),
      ],
    ]);
    expect(read).toContain(`${names.trainingSet}/1`);
    const steps = plan({ ...project, definitions: [visits, habits, edited, spender] }, facts).definitions.flatMap(
      ({ consequences }) => consequences.map(({ step }) => step),
    );
    expect(steps).toEqual(["release"]);
  });

  it("does not count on a result of which a part is lost", async () => {
    const { dataset, model, trainer } = await deployed();
    const edited = { ...spending, seed: 2 };
    const run = runIdentity(edited, {
      trainingSet: trainingSetIdentity({ training: edited, features: { habits }, roots: { visits: root } }),
      trainer,
    });
    const { open } = storeOf({
      names: { [`packages/${packageIdentity(spender, run)}/1`]: sha("made before") },
      objects: { [referTo(spending).sha256]: spending },
    });
    const facts = await collectFacts(survey(visits, habits, edited, spender), {
      engine: engineOf(dataset, model),
      store: open,
    });
    expect([...facts.artefacts]).toEqual([]);
    const { definitions } = plan({ ...project, definitions: [visits, habits, edited, spender] }, facts);
    const train = definitions.flatMap(({ consequences }) => consequences).find(({ step }) => step === "train");
    expect(train).toMatchObject({ certainty: { kind: "will" }, why: "its package is gone from the store" });
  });
});

describe("a feature set that no model uses", () => {
  const idle = { ...habits, name: "idle" };
  const given = [visits, habits, idle, spending, spender] as const;

  it.each([
    ["is unchanged once it is in the store", { [referTo(idle).sha256]: idle }, "none"],
    ["is new until then", {}, "create"],
  ])("%s", async (_title, objects, change) => {
    const { dataset, model } = await deployed();
    const { open } = storeOf({ objects });
    const facts = await collectFacts(survey(...given), { engine: engineOf(dataset, model), store: open });
    const planned = plan(survey(...given).project, facts);
    expect(planned.definitions.find(({ name }) => name === "idle")).toMatchObject({ change, consequences: [] });
    expect(planned.definitions.filter((definition) => definition.change !== "none")).toHaveLength(
      change === "none" ? 0 : 1,
    );
  });
});

describe("what lies on this machine", () => {
  it("is read without a stack", async () => {
    const facts = await collectLocalFacts(survey());
    expect(facts.sources["visits"]).toEqual({
      location: join(folder, "visits.csv"),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(facts.trainers["spending"]).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(facts).toMatchObject({ entities: [], deployed: {}, production: {} });
  });

  it("is the programs of a derived dataset, too, each as the store knows it", async () => {
    const { trainer } = spending;
    if (trainer.kind !== "python") throw new Error("the survey trains with Python");
    const { file, lock } = trainer;
    const steps = [{ step: "python" as const, file, lock }];
    const clean: DatasetSpec = { ...visits, name: "clean", source: { kind: "derived", from: ["visits"], steps } };
    const { sources, trainers } = await collectLocalFacts(survey(visits, habits, clean, spending));
    expect(sources["clean"]).toEqual({ location: "visits", fingerprint: "", programs: [trainers["spending"]] });
  });

  it("and is missing is told all at once, each of its definition", async () => {
    const lost = { ...visits, name: "lost", source: { ...visits.source, path: "lost.csv" } };
    const given = { ...visits, name: "given", source: { ...visits.source, path: "input:rows" } };
    const job = { ...spending, trainer: { ...spending.trainer, file: "none.py", lock: "none.lock" } };
    const { problems } = await failure(collectLocalFacts(survey(visits, lost, given, habits, job)));
    expect(problems.map(({ code, at }) => [code, at]).sort()).toEqual([
      ["input-missing", "given.source.path"],
      ["source-missing", "lost.source.path"],
      ["trainer-file-missing", "spending.trainer.file"],
      ["trainer-file-missing", "spending.trainer.lock"],
    ]);
  });
});
