/**
 * The codes of what is wrong with the program of a training, what it runs in, and how it was interrupted. Sorted by code.
 * @module
 */
import type { CatalogueEntry } from "./problem-catalogue.ts";

export const trainingProblems = {
  "code-uncommitted": {
    means: "An environment that takes committed code alone was to get code that is not committed.",
    fix: "commit the files or put them aside, then run it again",
  },
  "container-unsupported": {
    means: "A trainer is a container, and the platform of the environment runs none.",
    fix: "train with a Python or TypeScript file there",
  },
  "gpu-unavailable": {
    means: "A training job asks for more GPUs than the machine has, or for a type that it has not.",
    fix: "ask for those that there are, or run where there are others",
  },
  "gpu-unreadable": {
    means: "The program nvidia-smi, which lists a machine's GPUs, does not answer as it should.",
    fix: "run nvidia-smi by hand and mend the driver by what it says",
  },
  "model-version-unknown": {
    means: "A command names a version of a model that there is not, or that is not recorded any more.",
    fix: "name a version that steward status or steward rollback shows",
  },
  "packages-unlocked": {
    means:
      "A TypeScript trainer imports a package that its lock does not have, or that is installed in another version.",
    fix: "run npm install in the folder of the lock, then run it again",
  },
  "runner-refused": {
    means: "The cluster on which training jobs run refused what it was asked.",
    fix: "mend what it says; the setting steward:runner says which cluster it is and what it is shown",
  },
  "runner-unreachable": {
    means:
      "The cluster on which training jobs run does not answer. Jobs there go on, and are watched on when it answers again.",
    fix: "see that the cluster runs and can be reached at the address of the setting steward:runner",
  },
  "script-invalid": {
    means: "What an MLflow script is told does not fit its training job.",
    fix: "mend the arguments, the label or the parameter that is named",
  },
  "training-preempted": {
    means: "A trainer was ended from outside in the middle of its work; it goes on by itself from its last checkpoint.",
    fix: "wait, or have it keep checkpoints more often",
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
