/**
 * Calls about models in the order in which they are made, to this server and, when they are recorded, to MLflow's own: each server must
 * answer them alike. `{model}` stands for the id of the logged model that the first call makes.
 * @module
 */

export interface ProtocolCall {
  readonly title: string;
  readonly method: string;
  /** Below `/api/2.0/mlflow/`. */
  readonly path: string;
  /** The body, or the query of a GET. */
  readonly input?: Readonly<Record<string, unknown>>;
}

const call = (title: string, to: string, input?: Readonly<Record<string, unknown>>): ProtocolCall => {
  const [method = "", path = ""] = to.split(" ");
  return { title, method, path, ...(input && { input }) };
};

const create = "POST registered-models/create";
const version = "POST model-versions/create";
const source = "models:/{model}";

export const protocolCalls: readonly ProtocolCall[] = [
  // The first call tells the id.
  call("a logged model is made", "POST logged-models", { experiment_id: "0", name: "net", model_type: "classifier" }),
  call("a logged model is read", "GET logged-models/{model}"),
  call("a logged model that is none", "GET logged-models/m-00000000000000000000000000000000"),
  call("a logged model of no experiment", "POST logged-models", { experiment_id: "987654", name: "net" }),
  call("a logged model without an experiment", "POST logged-models", { name: "net" }),
  call("a logged model with a bad name", "POST logged-models", { experiment_id: "0", name: "a/b" }),
  call("parameters of a logged model", "POST logged-models/{model}/params", {
    model_id: "{model}",
    params: [{ key: "depth", value: "3" }],
  }),
  call("tags of a logged model", "PATCH logged-models/{model}/tags", { tags: [{ key: "team", value: "sky" }] }),
  call("a tag that it has not, removed", "DELETE logged-models/{model}/tags/none"),
  call("a logged model is finished", "PATCH logged-models/{model}", {
    model_id: "{model}",
    status: "LOGGED_MODEL_READY",
  }),
  call("logged models are searched", "POST logged-models/search", { experiment_ids: ["0"], filter: "name = 'net'" }),
  call("logged models are searched by a parameter", "POST logged-models/search", {
    experiment_ids: ["0"],
    filter: "params.depth = '3' AND tags.team LIKE 's%'",
  }),
  call("logged models are searched by what is none", "POST logged-models/search", {
    experiment_ids: ["0"],
    filter: "nothing = 'x'",
  }),
  call("a model is made", create, {
    name: "late",
    description: "says how late",
    tags: [
      { key: "team", value: "sky" },
      { key: "tier", value: "1" },
    ],
  }),
  call("the model is made again", create, { name: "late" }),
  call("another model is made", create, { name: "early" }),
  call("a model without a name", create, {}),
  call("a model with an empty name", create, { name: "" }),
  call("a model with a blank name", create, { name: "  " }),
  call("a model with a slash in its name", create, { name: "a/b" }),
  call("a model with a colon in its name", create, { name: "a:b" }),
  call("a model that is a folder up", create, { name: ".." }),
  call("a model that is a folder", create, { name: "." }),
  call("a model with a bad tag", create, { name: "tagged", tags: [{ key: "a?b", value: "1" }] }),
  call("a model that is none", "GET registered-models/get", { name: "none" }),
  call("a version is made", version, { name: "late", source, model_id: "{model}", tags: [{ key: "v", value: "one" }] }),
  call("a second version is made", version, { name: "late", source, model_id: "{model}", description: "again" }),
  call("a version of the other model is made", version, { name: "early", source, model_id: "{model}" }),
  call("a version of another version is made", version, { name: "early", source: "models:/late/1" }),
  call("a version of no model", version, { name: "none", source, model_id: "{model}" }),
  call("a version without a source", version, { name: "late" }),
  call("a version of another logged model", version, {
    name: "late",
    source: "models:/m-00000000000000000000000000000000",
    model_id: "{model}",
  }),
  call("a version of a file of the server", version, { name: "late", source: "file:///etc/passwd" }),
  call("a version of a path of the server", version, { name: "late", source: "/etc/passwd" }),
  call("a version of a version that is none", version, { name: "late", source: "models:/late/99" }),
  call("a version of artifacts of nobody", version, { name: "late", source: "mlflow-artifacts:/0/x/artifacts" }),
  call("a version is read", "GET model-versions/get", { name: "late", version: "1" }),
  call("a version that is none", "GET model-versions/get", { name: "late", version: "99" }),
  call("a version that is no number", "GET model-versions/get", { name: "late", version: "x" }),
  call("where a version lies", "GET model-versions/get-download-uri", { name: "late", version: "1" }),
  call("where a version of a version lies", "GET model-versions/get-download-uri", { name: "early", version: "2" }),
  call("a version is described", "PATCH model-versions/update", { name: "late", version: "1", description: "first" }),
  call("a version is tagged", "POST model-versions/set-tag", { name: "late", version: "1", key: "k", value: "v" }),
  call("a version is tagged badly", "POST model-versions/set-tag", {
    name: "late",
    version: "1",
    key: "/k",
    value: "v",
  }),
  call("a tag of a version goes", "DELETE model-versions/delete-tag", { name: "late", version: "1", key: "k" }),
  call("a model is tagged", "POST registered-models/set-tag", { name: "late", key: "k", value: "v" }),
  call("a tag of a model goes", "DELETE registered-models/delete-tag", { name: "late", key: "k" }),
  call("a model is tagged that is none", "POST registered-models/set-tag", { name: "none", key: "k", value: "v" }),
  call("an alias is given", "POST registered-models/alias", { name: "late", alias: "champion", version: "1" }),
  call("an alias moves", "POST registered-models/alias", { name: "late", alias: "champion", version: "2" }),
  call("an alias of a version that is none", "POST registered-models/alias", {
    name: "late",
    alias: "x",
    version: "9",
  }),
  call("an alias with a dot", "POST registered-models/alias", { name: "late", alias: "a.b", version: "1" }),
  call("an alias that means something", "POST registered-models/alias", {
    name: "late",
    alias: "Latest",
    version: "1",
  }),
  call("an alias like a version", "POST registered-models/alias", { name: "late", alias: "v1", version: "1" }),
  call("an alias is followed", "GET registered-models/alias", { name: "late", alias: "champion" }),
  call("the latest version", "GET registered-models/alias", { name: "late", alias: "latest" }),
  call("an alias that is none", "GET registered-models/alias", { name: "late", alias: "challenger" }),
  call("an alias of a model that is none", "GET registered-models/alias", { name: "none", alias: "champion" }),
  call("an alias that is none goes", "DELETE registered-models/alias", { name: "late", alias: "challenger" }),
  call("a version of an alias is made", version, { name: "early", source: "models:/late@champion" }),
  call("a version goes to a stage", "POST model-versions/transition-stage", {
    name: "late",
    version: "1",
    stage: "staging",
  }),
  call("the next takes its place", "POST model-versions/transition-stage", {
    name: "late",
    version: "2",
    stage: "Staging",
    archive_existing_versions: true,
  }),
  call("a stage that is none", "POST model-versions/transition-stage", { name: "late", version: "1", stage: "Canary" }),
  call("a stage that archives nothing", "POST model-versions/transition-stage", {
    name: "late",
    version: "1",
    stage: "None",
    archive_existing_versions: true,
  }),
  call("the latest of a stage", "POST registered-models/get-latest-versions", { name: "late", stages: ["Staging"] }),
  call("the latest of all stages", "POST registered-models/get-latest-versions", { name: "late" }),
  call("the latest of a stage that is none", "POST registered-models/get-latest-versions", {
    name: "late",
    stages: ["Canary"],
  }),
  call("a model is read", "GET registered-models/get", { name: "late" }),
  call("models are searched", "GET registered-models/search", {
    filter: "name LIKE '%a%' AND tag.`mlflow.prompt.is_prompt` != 'true'",
  }),
  call("models are searched by a tag", "GET registered-models/search", { filter: "tags.team = 'sky'" }),
  call("models are ordered", "GET registered-models/search", { order_by: "name DESC", max_results: 1 }),
  call("models are ordered by what is none", "GET registered-models/search", { order_by: "colour" }),
  call("models are searched by what is none", "GET registered-models/search", { filter: "colour = 'x'" }),
  call("models are searched by half a filter", "GET registered-models/search", { filter: "name = " }),
  call("models are searched by either of two", "GET registered-models/search", { filter: "name = 'a' OR name = 'b'" }),
  call("models, too many", "GET registered-models/search", { max_results: 1001 }),
  call("versions are searched", "GET model-versions/search", { filter: "name = 'late'" }),
  call("versions are searched by number", "GET model-versions/search", { filter: "version_number > 1" }),
  call("versions are searched by names", "GET model-versions/search", { filter: "name IN ('late', 'early')" }),
  call("versions are searched by a tag", "GET model-versions/search", { filter: "tags.v = 'one'" }),
  call("versions are ordered", "GET model-versions/search", { order_by: "version_number ASC" }),
  call("versions are searched by a wrong kind", "GET model-versions/search", { filter: "metrics.x > 1" }),
  call("a model is described", "PATCH registered-models/update", { name: "late", description: "how late" }),
  call("a model gets the name of another", "POST registered-models/rename", { name: "late", new_name: "early" }),
  call("a model gets another name", "POST registered-models/rename", { name: "late", new_name: "tardy" }),
  call("a model gets no name", "POST registered-models/rename", { name: "tardy", new_name: "" }),
  call("a version goes", "DELETE model-versions/delete", { name: "tardy", version: "2" }),
  call("the alias of a version that went", "GET registered-models/alias", { name: "tardy", alias: "champion" }),
  call("a version after it", version, { name: "tardy", source, model_id: "{model}" }),
  call("a model goes", "DELETE registered-models/delete", { name: "tardy" }),
  call("a model that went", "GET registered-models/get", { name: "tardy" }),
  call("a version of a run that is none", version, { name: "early", source: "runs:/0123/model", run_id: "0123" }),
  call("a logged model goes", "DELETE logged-models/{model}"),
  call("a logged model that went", "GET logged-models/{model}"),
];
