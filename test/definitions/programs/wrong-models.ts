/**
 * Models, endpoints and projects that must not compile. Above each wrong line: what is wrong → the part of the message
 * that matters.
 * @module
 */
import { z } from "zod";
import {
  accuracy,
  auc,
  bySlice,
  endpoint,
  experiment,
  fairness,
  labels,
  logLoss,
  macroF1,
  mae,
  mase,
  model,
  ndcg,
  type Project,
  parquet,
  patch,
  project,
  rmse,
  topK,
} from "../../../framework/index.ts";
import { carrierTraining, Flight, flights, late, lateArrival, lateTraining, minutesTraining, routes } from "./shop.ts";

const judged = { training: lateTraining, owner: "o", risk: "low", metrics: [auc], gates: [] } as const;
const numbered = labels(flights, (row) => ({ id: row.origin, label: row.distance }));
const { owner: _owner, ...unowned } = judged;
const minutes = model("minutes", { ...judged, training: minutesTraining, metrics: [mae] });
const compared = { arms: { control: late, again: late }, metric: accuracy, minimum: 0.01 } as const;
const numbersTried = experiment("x", { arms: { control: minutes, again: minutes }, metric: mae, minimum: 1 });
const sliced = auc.atLeast(0.6).on(bySlice("origin", { min: 1 }));

// @ts-expect-error a regression's metric on a boolean → Type 'LowerIsBetter<"rmse", "regression">' is not assignable to type 'Metric<string, "binary">'
model("x", { ...judged, metrics: [rmse] });
// @ts-expect-error a boolean's metric on a number → Type 'HigherIsBetter<"auc", "binary">' is not assignable to type 'Metric<string, "regression">'
model("x", { ...judged, training: minutesTraining, metrics: [auc] });
// @ts-expect-error a metric of classes on a boolean → Type 'HigherIsBetter<"macro-f1", "multiclass">' is not assignable to type 'Metric<string, "binary">'
model("x", { ...judged, metrics: [macroF1] });
// @ts-expect-error a boolean's metric on classes → Type 'HigherIsBetter<"auc", "binary">' is not assignable to type 'Metric<string, "multiclass">'
model("x", { ...judged, training: carrierTraining, metrics: [auc] });
// @ts-expect-error a ranking of classes → is not assignable to type 'Metric<string, "multiclass">'
model("x", { ...judged, training: carrierTraining, metrics: [ndcg({ by: "origin" })] });
// @ts-expect-error a gate on another rank than is computed → Type '"top-3-accuracy"' is not assignable to type '"top-2-accuracy"'
model("x", { ...judged, training: carrierTraining, metrics: [topK(2)], gates: [topK(3).atLeast(0.9)] });
// @ts-expect-error a ranking without its groups → Property 'by' is missing
ndcg({ k: 10 });
// @ts-expect-error a forecast without its season → Property 'season' is missing
mase({ by: "origin" });
// @ts-expect-error a limit on the better side → Property 'above' does not exist on type 'HigherIsBetter<"accuracy"
accuracy.above(0.9);
// @ts-expect-error groups that answers have none of → Property 'belowChampion' does not exist on type 'Metric<
ndcg({ by: "origin" }).belowChampion({ by: 0.1 });
// @ts-expect-error a champion without a margin → Expected 1 arguments, but got 0
auc.belowChampion();
// @ts-expect-error no metric → a model is judged by one metric or more
model("x", { ...judged, metrics: [] });
// @ts-expect-error a metric by its name → Type 'string' is not assignable to type 'Metric<
model("x", { ...judged, metrics: ["auc"] });
// @ts-expect-error a gate on a metric that is not computed → Type '"auc"' is not assignable to type '"log-loss"'
model("x", { ...judged, metrics: [logLoss], gates: [auc.atLeast(0.6)] });
// @ts-expect-error a slice of a metric that is not computed → Type '"mae"' is not assignable to type '"auc"'
model("x", { ...judged, gates: [mae.atMost(1).on(bySlice("origin", { min: 1 }))] });
// @ts-expect-error a slice by a number → Type '"distance"' is not assignable to type
model("x", { ...judged, gates: [auc.atLeast(0.6).on(bySlice("distance", { min: 1 }))] });
// @ts-expect-error a slice by a column that the spine lacks → Type '"airport"' is not assignable to type '"origin"
model("x", { ...judged, gates: [auc.atLeast(0.6).on(bySlice("airport", { min: 1 }))] });
// @ts-expect-error a slice without its least rows → Expected 2 arguments, but got 1
bySlice("origin");
// @ts-expect-error a slice with an unknown field → 'rows' does not exist in type 'SliceOptions'
bySlice("origin", { rows: 500 });
// @ts-expect-error a gate on a slice of a slice → Property 'on' does not exist on type 'Gate<"auc", "origin">'
sliced.on(bySlice("destination", { min: 1 }));
// @ts-expect-error fairness by a column that the spine lacks → Type '"airport"' is not assignable to type '"origin"
model("x", { ...judged, gates: [fairness({ by: "airport", metric: "calibration", maxGap: 0.1, min: 1 })] });
// @ts-expect-error fairness by a measure there is none of → Type '"parity"' is not assignable to type
fairness({ by: "origin", metric: "parity", maxGap: 0.1, min: 1 });
// @ts-expect-error fairness without its bound → Property 'maxGap' is missing
fairness({ by: "origin", metric: "calibration", min: 1 });
// @ts-expect-error a gate that is a number → Type 'number' is not assignable to type 'Gate<
model("x", { ...judged, gates: [0.6] });
// @ts-expect-error a gate at a value in words → Argument of type 'string' is not assignable to parameter of type 'number'
auc.atLeast("0.6");
// @ts-expect-error a stage to compare with that there is none of → Argument of type '"staging"' is not assignable to parameter of type '"production"'
auc.noWorseThan("staging");
// @ts-expect-error a margin by another name → 'within' does not exist in type 'Margin'
auc.noWorseThan("production", { within: 0.01 });
// @ts-expect-error a comparison with a model → Argument of type '"production"' is not assignable to parameter of type '"baseline"'
auc.betterThan("production");
// @ts-expect-error a baseline that is no feature → Type '"delay"' is not assignable to type
model("x", { ...judged, baseline: "delay" });
// @ts-expect-error a baseline that has no numbers → Type '"place"' is not assignable to type
model("x", { ...judged, baseline: "place" });
// @ts-expect-error a level of risk there is none of → Type '"minimal"' is not assignable to type
model("x", { ...judged, risk: "minimal" });
// @ts-expect-error high risk without its obligations → is missing the following properties from type 'HighRisk': retention, oversight, intendedUse, approval
model("x", { ...judged, risk: "high" });
// @ts-expect-error high risk that nobody approves → Type '"waived"' is not assignable to type 'Approval
model("x", { ...judged, risk: "high", retention: "9 days", oversight: "a", intendedUse: "b", approval: "waived" });
// @ts-expect-error an obligation that low risk does not have → 'retention' does not exist in type 'ModelOptions
model("x", { training: lateTraining, owner: "o", risk: "low", metrics: [auc], gates: [], retention: "9 days" });
// @ts-expect-error no owner → Property 'owner' is missing
model("x", unowned);
// @ts-expect-error an approval by nobody named → Property 'from' is missing
model("x", { ...judged, approval: { count: 1 } });
// @ts-expect-error an approval that leaves out somebody else than the author → Type '"owner"' is not assignable to type '"author"'
model("x", { ...judged, approval: { from: ["a"], notBy: "owner" } });
// @ts-expect-error a model of a model → is missing the following properties from type 'TrainingJob<
model("x", { ...judged, training: late });

// @ts-expect-error a training job is no model → is missing the following properties from type 'Model<
endpoint("x", { model: lateTraining });
// @ts-expect-error a model by its name → Type 'string' is not assignable to type 'Model<
endpoint("x", { model: "late" });
// @ts-expect-error no model → Property 'model' is missing in type '{}' but required in type 'EndpointOptions<
endpoint("x", {});
// @ts-expect-error a durability there is none of → Type '"tape"' is not assignable to type
endpoint("x", { model: late, log: { durability: "tape" } });
// @ts-expect-error an unknown field of the log → 'responses' does not exist in type 'InferenceLog'
endpoint("x", { model: late, log: { responses: "all" } });
// @ts-expect-error a rollout by its name → Type 'string' is not assignable to type
endpoint("x", { model: late, rollout: "allAtOnce" });
// @ts-expect-error a default for a feature that there is not → 'originDelay' does not exist in type
endpoint("x", { model: late, online: { otherwise: { originDelay: 1 } } });
// @ts-expect-error a default of another type → Type 'string' is not assignable to type 'number'
endpoint("x", { model: late, online: { otherwise: { originDelay7d: "8" } } });
// @ts-expect-error an unknown field of what is looked up → 'ttl' does not exist in type 'OnlineOptions<
endpoint("x", { model: late, online: { ttl: "1 hour" } });
// @ts-expect-error feedback of another type than the label → is not assignable to type 'ZodType<boolean
endpoint("x", { model: late, feedback: { label: z.string(), matures: "1 day" } });
// @ts-expect-error feedback without a time to mature → Property 'matures' is missing in type
endpoint("x", { model: late, feedback: { label: z.boolean() } });
// @ts-expect-error a decision that is no answer → Type 'string' is not assignable to type 'boolean
endpoint("x", { model: late, feedback: { label: z.boolean(), matures: "1 day", observed: { when: "late" } } });
// @ts-expect-error labels of another type from a dataset → Type 'number' is not assignable to type 'boolean'
endpoint("x", { model: late, feedback: { label: z.boolean(), matures: "1 day", from: numbered } });
// @ts-expect-error labels by an id that is no text → Type 'NumberColumn<"distance">' is not assignable to type
labels(flights, (row) => ({ id: row.distance, label: row.diverted }));
// @ts-expect-error an unknown field of feedback → 'delay' does not exist in type 'FeedbackOptions<
endpoint("x", { model: late, feedback: { label: z.boolean(), matures: "1 day", delay: "1 day" } });
// @ts-expect-error arms of different labels → Type 'boolean' is not assignable to type 'number'
experiment("x", { ...compared, arms: { control: late, again: minutes } });
// @ts-expect-error a control that is no arm → Type '"today"' is not assignable to type '"control" | "again"'
experiment("x", { ...compared, control: "today" });
// @ts-expect-error a unit that no request has → Type '"tail"' is not assignable to type
experiment("x", { ...compared, unit: "tail" });
// @ts-expect-error a metric of another label → Type 'LowerIsBetter<"mae", "regression">' is not assignable to type
experiment("x", { ...compared, metric: mae });
// @ts-expect-error a share missing → Property 'again' is missing in type
experiment("x", { ...compared, allocation: { control: 1 } });
// @ts-expect-error no smallest difference → Property 'minimum' is missing
experiment("x", { arms: compared.arms, metric: accuracy });
// @ts-expect-error an experiment on numbers for an endpoint of truths → Type 'Experiment<number
endpoint("x", { model: late, experiment: numbersTried });
// @ts-expect-error an unknown field → 'replicas' does not exist in type 'EndpointOptions<
endpoint("x", { model: late, replicas: 2 });

// @ts-expect-error a patch of the label → 'label' does not exist in type 'TrainingJobChanges'
patch(lateTraining, { label: 1 });
// @ts-expect-error a patch of features → Type '"features"' is not assignable to type
patch(routes, { columns: [] });
// @ts-expect-error a patch of the schema → 'schema' does not exist in type 'DatasetChanges'
patch(flights, { schema: Flight });
// @ts-expect-error a patch of the gates → 'gates' does not exist in type 'ModelChanges'
patch(late, { gates: [] });
// @ts-expect-error a patch of what another kind has → 'resources' does not exist in type 'EndpointChanges'
patch(lateArrival, { resources: { cpu: 1 } });
// @ts-expect-error a patch of a project → Type '"project"' is not assignable to type
patch(project("x", { definitions: [flights] }), {});
// @ts-expect-error a patched field of another type → Type 'string' is not assignable to type
patch(flights, { source: "sample.parquet" });

// @ts-expect-error no definitions → Property 'definitions' is missing in type '{}' but required in type 'ProjectOptions'
project("x", {});
// @ts-expect-error a definition by its name → Type 'string' is not assignable to type 'Definition'
project("x", { definitions: [flights, "routes"] });
// @ts-expect-error a project among the definitions → is not assignable to type 'Definition'
project("x", { definitions: [project("y", { definitions: [flights] })] });
// @ts-expect-error a source among the definitions → is not assignable to type 'Definition'
project("x", { definitions: [parquet("f.parquet")] });
// @ts-expect-error environments that are a list → Type 'string' has no properties in common with type 'Environment'
project("x", { definitions: [flights], environments: ["local"] });
// @ts-expect-error an unknown field of an environment → 'overrides' does not exist in type 'Environment'
project("x", { definitions: [flights], environments: { local: { overrides: [] } } });
// @ts-expect-error an override that is no patch → is missing the following properties from type 'Patch'
project("x", { definitions: [flights], environments: { local: { override: [flights] } } });
// @ts-expect-error an approval in words → Type '"nobody"' is not assignable to type
project("x", { definitions: [flights], environments: { local: { approval: "nobody" } } });
// @ts-expect-error an unknown field → 'name' does not exist in type 'ProjectOptions'
project("x", { name: "x", definitions: [flights] }) satisfies Project;
