/**
 * The codes of what is wrong with what a team wrote: found when the project is checked, evaluated and resolved. Sorted by code.
 * @module
 */
import type { CatalogueEntry } from "./problem-catalogue.ts";

export const projectProblems = {
  "baseline-says-nothing": {
    means:
      "A gate asks for a metric to be better than the baseline's, whose value says nothing: no feature can answer for it.",
    fix: "ask for a value of the metric with atLeast or atMost, and compare another metric, such as auc, with the baseline",
  },
  "baseline-unfit": {
    means: "A model's baseline names no feature that has numbers.",
    fix: 'name a feature whose kind is number or boolean, or leave "baseline" out to compare with the mean label',
  },
  "column-unknown": {
    means: "A definition names a column that its dataset does not have.",
    fix: "write the name of a column of the dataset, or add the column to its schema",
  },
  "column-unsupported": {
    means: "A schema says something that means nothing outside zod: no column of data can have it.",
    fix: "say it with the supported part of zod, or leave the rule out and check it in the source",
  },
  "definition-cycle": {
    means: "A dataset is derived from itself, through others or not.",
    fix: "derive each dataset from those before it",
  },
  "definition-duplicate": {
    means: "Two definitions of one kind have the same name.",
    fix: "rename one of the two, or list it once",
  },
  "definition-invalid": {
    means: "A definition does not have the shape its noun asks for.",
    fix: "change the value to what is expected",
  },
  "definition-unlisted": {
    means: "A definition refers to another that the project does not list.",
    fix: 'add the definition to "definitions" of the project',
  },
  "derivation-reads-ahead": {
    means: "A column of a derived dataset says that it is known before all is known that it is made of.",
    fix: 'say of the column when it is known, with .meta({ known: "…" })',
  },
  "environment-unknown": {
    means: "The project does not declare the environment.",
    fix: 'add it to "environments" of the project, or name one that is there',
  },
  "experiment-unfit": {
    means: "The arms, shares, unit, metrics or times of an experiment do not fit each other, or its endpoint.",
    fix: "let all arms answer the same question, deal all units among them, and compare what each unit shows",
  },
  "expression-invalid": {
    means: "An operator of an expression does not take its operands.",
    fix: "give the operator operands of a kind that it takes",
  },
  "fairness-missing": {
    means: "A model of high risk is not asked whether it treats groups of people alike.",
    fix: "add a fairness gate by each protected column",
  },
  "feature-duplicate": {
    means: "Two feature sets of one training job have a feature of the same name.",
    fix: "rename one of the two features",
  },
  "feature-kind": {
    means: "A feature is neither a number nor a boolean nor a category.",
    fix: "make a number, a boolean or a category of it",
  },
  "feature-leaks-label": {
    means: "A feature reads what the label is made of: the model would learn from its own answer.",
    fix: "leave the column out of the feature, or read it from the past, in a window",
  },
  "feature-reads-ahead": {
    means: "An expression reads a value before the column says that it is known.",
    fix: 'read the value in a window whose lag is as long as the column\'s "known"',
  },
  "feedback-immature": {
    means: "Labels of an endpoint's answers would count before what the model's label reads is known.",
    fix: 'lengthen "matures" to the longest "known" of the label\'s columns',
  },
  "feedback-refused": {
    means: "Labels that were sent, or that stand in a file, are not such as the endpoint's feedback takes.",
    fix: "mend the rows that are named; none of the labels counts before all of them are right",
  },
  "feedback-unfit": {
    means: "What an endpoint says of the labels of its answers does not fit what its model answers.",
    fix: "say of labels what the model answers: their type, their classes, and of which answers they come to be known",
  },
  "feedback-unlogged": {
    means: "An endpoint takes labels of its answers, and logs none of these.",
    fix: 'let "log" keep all requests, or leave "feedback" out',
  },
  "gate-metric-missing": {
    means: "A gate judges by a metric that the model does not compute.",
    fix: 'add the metric to "metrics" of the model, or drop the gate',
  },
  "gate-out-of-range": {
    means: "A gate asks for a value that its metric cannot have.",
    fix: "ask for a value that the metric can have",
  },
  "golden-file-invalid": {
    means: "A file of golden rows is not there or is none, or its rows do not fit the features of the model.",
    fix: "mend the file, or write it anew: npx steward test <model> --record <file>",
  },
  "input-missing": {
    means: "A source refers to an input that the stack does not supply.",
    fix: "supply the input with the stack's inputs",
  },
  "join-key": {
    means: "A joined feature set is not given a value of the right kind for every key column of its dataset.",
    fix: "give a value of the same kind for every key column of the joined dataset, and for no other",
  },
  "join-ttl": {
    means: "The ttl of a joined feature set is so short that no row of it could ever be joined.",
    fix: "lengthen the ttl beyond the longest time until what the set reads is known, or leave it out",
  },
  "label-invalid": {
    means:
      "A label is neither a boolean nor a number nor a text of z.enum, or reads a column that does not say when it is known.",
    fix: "make the label a boolean, a text of z.enum or a number, and say with .meta({ known }) when its columns are known",
  },
  "log-not-durable": {
    means:
      "An environment that takes durable logs alone was to get an endpoint that records nothing, or where a crash loses records.",
    fix: 'set "durability" of its log to "disk" or "store" and "requests" to "all", or leave "log" of the environment out',
  },
  "metric-unfit": {
    means: "A model or a tuning names a metric that does not exist or does not fit its label.",
    fix: "choose metrics of the label's task: auc, logLoss and brier for a boolean, macroF1 and logLoss for one of several classes, rmse and mae for a number",
  },
  "model-test-unfit": {
    means: "A test of a model cannot be made of what its training job gives.",
    fix: "name a feature that the training job has, of a type that the test can vary",
  },
  "name-clash": {
    means: "A name is taken, kept for Steward or no name at all.",
    fix: "choose another name",
  },
  "name-invalid": {
    means: "A name has a form or letters that a name cannot have.",
    fix: "choose a name of the form that is expected",
  },
  "online-default-invalid": {
    means: "A default for a feature that is looked up names no such feature, or has a value of another type.",
    fix: "name a feature that has a window or belongs to a joined set, with a value of its type",
  },
  "online-unused": {
    means: "An endpoint says how features are served that are looked up, and its model has none.",
    fix: 'leave "online" out',
  },
  "option-unknown": {
    means: "An option is given that its noun does not have.",
    fix: "leave it out, or write the option that was meant",
  },
  "params-invalid": {
    means: "A trainer's parameter has no default, or a value that no job can be given.",
    fix: "give the parameter a default that is a string, a number or a boolean",
  },
  "patch-invalid": {
    means: "An environment changes what it may not change, or a definition that the project does not list.",
    fix: "leave the field out of the patch, or patch a definition that the project lists",
  },
  "pii-label-unfit": {
    means:
      "A label of an endpoint's answers is to be recorded in a way from which nobody could ever tell which it was.",
    fix: 'say of the label itself how it is recorded: .meta({ pii: "encrypt" }), or "hash" where it is a boolean or a class',
  },
  "pii-subject-missing": {
    means: "A column is to be encrypted for the person whose it is, and the endpoint does not say who that is.",
    fix: 'name the column of a request that says so with "subject" of the endpoint\'s log',
  },
  "project-evaluation-failed": {
    means: "The project file throws, comes to no end or needs too much memory.",
    fix: "mend the line, and look again with npx steward plan",
  },
  "project-file-invalid": {
    means: "The project file cannot be evaluated, or exports no project.",
    fix: "mend the project file, whose default export is project(…)",
  },
  "project-import-missing": {
    means: "The project file imports a package or a file that is not there.",
    fix: "install the package, or mend the path",
  },
  "project-missing": {
    means: "There is no Pulumi.yaml in the working directory or above it.",
    fix: "run it inside a project; npm create steward makes one",
  },
  "project-not-data": {
    means: "The project reaches out while it is evaluated: for a connection, a file, another program or its own end.",
    fix: "take it out: what changes from day to day belongs into sources and into the inputs of the stack",
  },
  "project-not-deterministic": {
    means: "The project is different each time it is evaluated.",
    fix: "write down the value instead of computing it from the clock or from chance",
  },
  "project-prints": {
    means: "The project prints while it is evaluated; the output belongs to the command that evaluates it.",
    fix: "take the line out",
  },
  "project-type-error": {
    means: "The project file does not compile.",
    fix: "mend it: npx tsc --noEmit shows it in full",
  },
  "prototype-changed": {
    means: "The project file, or a module that it imports, changed what all objects or all lists have.",
    fix: "do not assign to Object.prototype or Array.prototype; find the module that does",
  },
  "rollout-undecidable": {
    means: "A canary has a condition that nothing it sees could ever decide.",
    fix: "let it see what the condition is of, or leave the condition out",
  },
  "secret-inlined": {
    means: "A definition holds what looks like a secret, which its spec would store and show.",
    fix: "take it out, make it void where it came from, and let the stack supply what needs it: input(…)",
  },
  "shadow-unfit": {
    means: "A shadow of an endpoint cannot answer what the endpoint's own model does.",
    fix: "name another model, of the same label, that reads no more at the event",
  },
  "slice-unknown": {
    means: "A gate is on a slice by something that is no string or boolean column of the examples.",
    fix: "slice by a string or boolean column of the spine's dataset",
  },
  "source-missing": {
    means: "The file of a source is not there or cannot be read.",
    fix: "mend the path; it is relative to the project file",
  },
  "space-invalid": {
    means:
      "A tuning searches what is no parameter, or values that the parameter cannot have or the sampler cannot draw.",
    fix: "search parameters of the job, each within what its schema allows",
  },
  "split-invalid": {
    means: "A split leaves no test rows, or too small a gap for its label.",
    fix: "lengthen the part that is too short, or leave the gap out to take the shortest that is honest",
  },
  "trainer-file-missing": {
    means: "A file of a trainer, or of the program of a step, does not exist.",
    fix: "mend the path; it is relative to the project file. Or write the file",
  },
  "trainer-file-refused": {
    means: "A file of a trainer, or of the program of a step, lies outside the project's folder or is a link.",
    fix: "move the file into the project's folder, or copy it there instead of linking it",
  },
  "tuning-invalid": {
    means: "A tuning has no rows to choose by, or its sampler, pruner, objectives and budget do not fit each other.",
    fix: "give the split a validation, and one objective where trials are given up early",
  },
  "typescript-missing": {
    means: "No TypeScript is installed with which the project could be checked.",
    fix: "npm install --save-dev typescript@6",
  },
} as const satisfies Record<string, CatalogueEntry>;
