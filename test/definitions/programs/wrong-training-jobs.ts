/**
 * Training jobs that must not compile. Above each wrong line: what is wrong → the part of the message that matters.
 * @module
 */
import { z } from "zod";
import { container, python, trainingJob, typescript } from "../../../framework/index.ts";
import { eager, half, market, reports, routes, split, trainer, weather, zeroLag } from "./shop.ts";

const elsewhere = weather.by(reports, (row) => ({ airport: row.airport }));

// @ts-expect-error a feature that reads the label's column → feature \"half\" reads what the label is made of, before it is known
trainingJob("x", { trainer, split, features: [half], label: (row) => row.delay.gt(15) });
// @ts-expect-error a feature that aggregates it up to the event → feature \"now\" reads what the label is made of, before it is known
trainingJob("x", { trainer, split, features: [eager], label: (row) => row.delay.gt(15) });
// @ts-expect-error a lag of nothing → feature \"zero\" reads what the label is made of, before it is known
trainingJob("x", { trainer, split, features: [zeroLag], label: (row) => row.delay.gt(15) });
// @ts-expect-error a label that is any text → a label that is a text is one of several classes: write z.enum([…]) for its column, or compare it with eq(…)
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.destination });
// @ts-expect-error a label that is a time → Type 'TimeColumn<"date">' is not assignable to type 'LabelExpression'
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.date });
// @ts-expect-error a label that is a category → is not assignable to type 'LabelExpression'
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.carrier.category() });
// @ts-expect-error a label that is a constant → Type 'boolean' is not assignable to type 'LabelExpression'
trainingJob("x", { trainer, split, features: [routes], label: () => true });
// @ts-expect-error a label that is the name of a column → is not assignable to type '(row: Row<
trainingJob("x", { trainer, split, features: [routes], label: "delay" });
// @ts-expect-error a label over a column that the spine lacks → Property 'wind' does not exist on type 'Row<
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.wind.gt(1) });
// @ts-expect-error no label → Property 'label' is missing
trainingJob("x", { trainer, split, features: [routes] });
// @ts-expect-error no test rows → Property 'test' is missing in type '{ validation: "1 day"; }' but required in type 'Split<
trainingJob("x", { trainer, split: { validation: "1 day" }, features: [routes], label: (row) => row.delay });
// @ts-expect-error test rows without a unit → Type '"14"' is not assignable to type 'Duration'
trainingJob("x", { trainer, split: { test: "14" }, features: [routes], label: (row) => row.delay });
// @ts-expect-error test rows as a share → Type 'number' is not assignable to type 'Duration'
trainingJob("x", { trainer, split: { test: 0.2 }, features: [routes], label: (row) => row.delay });
// @ts-expect-error a gap without a unit → Type '"12"' is not assignable to type 'Duration'
trainingJob("x", { trainer, split: { ...split, gap: "12" }, features: [routes], label: (row) => row.delay });
// @ts-expect-error an unknown part of the split → 'train' does not exist in type 'Split<
trainingJob("x", { trainer, split: { test: "1 day", train: "9 days" }, features: [routes], label: (row) => row.delay });
// @ts-expect-error a second set that is not joined → a set after the first is joined to the first one's dataset
trainingJob("x", { trainer, split, features: [routes, weather], label: (row) => row.delay.gt(15) });
// @ts-expect-error a third set that is not joined → a set after the first is joined to the first one's dataset
trainingJob("x", { trainer, split, features: [routes, market.by(() => ({})), weather], label: (row) => row.delay });
// @ts-expect-error a set joined to the rows of another dataset → the set is joined to the rows of another dataset than the first set's
trainingJob("x", { trainer, split, features: [routes, elsewhere], label: (row) => row.delay.gt(15) });
// @ts-expect-error a first set that is joined → is missing the following properties from type 'Features<
trainingJob("x", { trainer, split, features: [market.by(() => ({}))], label: () => null });
// @ts-expect-error no feature set → Source has 0 element(s) but target requires 1
trainingJob("x", { trainer, split, features: [], label: () => null });
// @ts-expect-error one set that is no list → is not assignable to type 'readonly [Features<
trainingJob("x", { trainer, split, features: routes, label: () => null });
// @ts-expect-error a trainer that is only its file → Type 'string' is not assignable to type
trainingJob("x", { trainer: "train.py", split, features: [routes], label: (row) => row.delay });
// @ts-expect-error a trainer without its lock → Expected 2 arguments, but got 1
python("train.py");
// @ts-expect-error a trainer with an unknown field → 'requirements' does not exist in type 'PythonOptions'
python("train.py", { requirements: "requirements.txt" });
// @ts-expect-error a TypeScript trainer with an unknown field → 'packages' does not exist in type 'TypeScriptOptions'
typescript("train.ts", { packages: ["forest"] });
// @ts-expect-error a container without its program → Property 'command' is missing in type
container({ image: "trainer@sha256:0" });
// @ts-expect-error a program of no words → Source has 0 element(s) but target requires 1
container({ image: "trainer@sha256:0", command: [] });
// @ts-expect-error parameters that are values → 'leaves' does not exist in type 'ZodObject
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.delay, params: { leaves: 31 } });
// @ts-expect-error a seed in words → Type 'string' is not assignable to type 'number'
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.delay, seed: "7" });
// @ts-expect-error memory without a unit → Type '"4"' is not assignable to type
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.delay, resources: { memory: "4" } });
// @ts-expect-error memory in a unit of powers of ten → Type '"4 GB"' is not assignable to type
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.delay, resources: { memory: "4 GB" } });
// @ts-expect-error an unknown resource → 'tpu' does not exist in type 'Resources'
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.delay, resources: { tpu: 1 } });
// @ts-expect-error a number of GPUs without its name → Type 'number' is not assignable to type 'GpuRequest'
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.delay, resources: { gpu: 1 } });
// @ts-expect-error an unknown field → 'tuned' does not exist in type 'TrainingJobOptions
trainingJob("x", { trainer, split, features: [routes], label: (row) => row.delay, tuned: z.object({}) });
