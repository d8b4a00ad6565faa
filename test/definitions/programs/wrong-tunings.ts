/**
 * Tunings that must not compile. Above each wrong line: what is wrong → the part of the message that matters.
 * @module
 */
import { z } from "zod";
import { auc, choice, float, int, logLoss, type Row, rmse, trainingJob } from "../../../framework/index.ts";
import { type Flight, routes, trainer } from "./shop.ts";

const params = z.object({
  leaves: z.int().default(31),
  rate: z.number().default(0.1),
  boosting: z.enum(["gbdt", "dart"]).default("gbdt"),
  balanced: z.boolean().default(false),
});
const label = (row: Row<z.output<typeof Flight>>) => row.delay.gt(15);
const split = { test: "14 days", validation: "7 days" } as const;
const job = { trainer, split, params, label, features: [routes] } as const;
const few = { trials: 10, objective: auc } as const;
const last = { test: "14 days" } as const;

// @ts-expect-error no rows to choose by → tune chooses by the validation rows: give split a validation
trainingJob("x", { ...job, split: last, tune: { ...few, space: { leaves: int(8, 256) } } });
// @ts-expect-error a parameter that the job lacks → 'leafs' does not exist in type 'SpaceOf
trainingJob("x", { ...job, tune: { ...few, space: { leafs: int(8, 256) } } });
// @ts-expect-error whole numbers for a truth → Type 'number' is not assignable to type 'boolean'
trainingJob("x", { ...job, tune: { ...few, space: { balanced: int(0, 1) } } });
// @ts-expect-error fractions for a whole number → Type '"float"' is not assignable to type '"int" | "choice"'
trainingJob("x", { ...job, tune: { ...few, space: { leaves: float(8, 256) } } });
// @ts-expect-error a value that the parameter cannot have → Type '"goss"' is not assignable to type '"gbdt" | "dart"'
trainingJob("x", { ...job, tune: { ...few, space: { boosting: choice("goss") } } });
// @ts-expect-error a condition on what the job lacks → has no properties in common with type 'Partial
trainingJob("x", { ...job, tune: { ...few, space: { rate: float(0, 1).when("boost", "dart") } } });
// @ts-expect-error a condition that never holds → Type '"goss"' is not assignable to type '"gbdt" | "dart"
trainingJob("x", { ...job, tune: { ...few, space: { rate: float(0, 1).when("boosting", "goss") } } });
// @ts-expect-error an objective of another task → Type 'LowerIsBetter<"rmse", "regression">' is not assignable to type 'Metric<string, "binary">'
trainingJob("x", { ...job, tune: { trials: 9, objective: rmse, space: { rate: float(0, 1) } } });
// @ts-expect-error an unknown sampler → Type '"bayes"' is not assignable to type
trainingJob("x", { ...job, tune: { ...few, sampler: "bayes", space: { rate: float(0, 1) } } });
// @ts-expect-error a pruner without its last step → Property 'maxSteps' is missing
trainingJob("x", { ...job, tune: { ...few, pruner: { kind: "hyperband" }, space: { rate: float(0, 1) } } });
// @ts-expect-error no space → Property 'space' is missing
trainingJob("x", { ...job, tune: { trials: 3, objective: logLoss } });
// @ts-expect-error a budget without a unit → Type '"2"' is not assignable to type
trainingJob("x", { ...job, tune: { ...few, budget: { time: "2" }, space: { rate: float(0, 1) } } });
// @ts-expect-error an option that there is not → 'direction' does not exist in type 'Tuning
trainingJob("x", { ...job, tune: { ...few, direction: "maximize", space: { rate: float(0, 1) } } });
// @ts-expect-error steps and a logarithm at once → 'scale' does not exist in type 'IntOptions'
int(8, 256, { scale: "log", step: 8 });
// @ts-expect-error a choice of nothing → Expected at least 1 arguments
choice();
