/**
 * Rollouts and shadows that must not compile. Above each wrong line: what is wrong → the part of the message that matters.
 * @module
 */
import {
  auc,
  canary,
  disagreement,
  endpoint,
  errorRate,
  features,
  model,
  responseTime,
  trainingJob,
} from "../../../framework/index.ts";
import { flights, late, lateTraining, minutes, split, trainer } from "./shop.ts";

const judged = { owner: "o", risk: "low", metrics: [auc], gates: [] } as const;
const wider = features("wider", flights, (row) => ({ hour: row.date.hour(), distance: row.distance.divide(2) }));
const challenger = model("challenger", { ...judged, training: lateTraining });
const narrow = model("narrow", {
  ...judged,
  training: trainingJob("narrow", { features: [wider], label: (row) => row.delay.gt(15), split, trainer }),
});

const going = { steps: [5, 100], hold: "1 minute", abortOn: [errorRate.above(0.01)] } as const;

// @ts-expect-error steps that do not end with all callers → Type '50' is not assignable to type '100'
canary({ ...going, steps: [5, 50] });
// @ts-expect-error a single step → Source has 1 element(s) but target requires 2
canary({ ...going, steps: [100] });
// @ts-expect-error a hold without its unit → Type 'number' is not assignable to type
canary({ ...going, hold: 10 });
// @ts-expect-error nothing that takes it back → Source has 0 element(s) but target requires 1
canary({ ...going, abortOn: [] });
// @ts-expect-error a metric of the test rows as a condition → is not assignable to type 'Condition'
canary({ ...going, abortOn: [auc.atLeast(0.6)] });
// @ts-expect-error no conditions → Property 'abortOn' is missing
canary({ steps: [5, 100], hold: "1 minute" });
// @ts-expect-error an option that there is not → 'pause' does not exist in type 'CanaryOptions'
canary({ ...going, pause: "1 minute" });
// @ts-expect-error a rate in words → Argument of type 'string' is not assignable to parameter of type 'number'
errorRate.above("1 %");
// @ts-expect-error a time without its unit → Argument of type '50' is not assignable to parameter of type 'ResponseTime'
responseTime.above(50);
// @ts-expect-error a time in hours → Argument of type '"1 hour"' is not assignable to parameter of type 'ResponseTime'
responseTime.above("1 hour");
// @ts-expect-error a rate that is no champion's → Property 'aboveChampion' does not exist on type 'Measure<number>'
disagreement.aboveChampion({ factor: 2 });
// @ts-expect-error a sample in words → Argument of type 'string' is not assignable to parameter of type 'number'
errorRate.above(0.01).over("100");

// @ts-expect-error a shadow that answers with a number → but required in type 'Wrong<"the shadow answers with another type than the endpoint's model">'
endpoint("x", { model: late, shadow: [minutes] });
// @ts-expect-error a shadow that reads what no request brings → but required in type 'Wrong<"the shadow reads columns that a request of the endpoint does not bring">'
endpoint("x", { model: narrow, shadow: [late] });
// @ts-expect-error the same, with its share → but required in type 'Wrong<"the shadow reads columns that a request of the endpoint does not bring">'
endpoint("x", { model: narrow, shadow: [{ model: late, share: 0.1 }] });
// @ts-expect-error a shadow that is a training job → is not assignable to type
endpoint("x", { model: late, shadow: [lateTraining] });
// @ts-expect-error an option of a shadow that there is not → 'weight' does not exist in type
endpoint("x", { model: late, shadow: [{ model: challenger, weight: 1 }] });
