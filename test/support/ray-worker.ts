/**
 * A worker that trains on Ray and prints each report, to be killed. Its argument: the address of Ray and the training, as JSON.
 * @module
 */
import { createRayRunner } from "../../framework/training/ray/ray-runner.ts";
import { train } from "../../framework/training/train.ts";
import { describeTraining } from "../training/described-training.ts";

const { address, ...training } = JSON.parse(process.argv[2] ?? "");
await train({
  ...(await describeTraining(training)),
  runner: createRayRunner({ address }),
  onReport: ({ step }) => process.stdout.write(`step ${step}\n`),
});
