import { beforeAll, describe, expect, it } from "vitest";
import { useTracking } from "../tracking-stack.ts";

const given = useTracking();
const api = "/api/2.0/mlflow";
const prompt = { key: "mlflow.prompt.is_prompt", value: "true" };

async function search(what: "registered-models" | "model-versions", query: Record<string, string>): Promise<unknown> {
  const { status, body } = await given.ask("GET", `${api}/${what}/search?${new URLSearchParams(query)}`);
  if (status !== 200) return status;
  const found = body.registered_models ?? body.model_versions;
  return (found as { name: string; version?: string }[]).map(({ name, version }) => name + (version ?? ""));
}

beforeAll(async () => {
  const run = (await given.ask("POST", `${api}/runs/create`, { experiment_id: "0" })).body.run.info.run_id;
  for (const [name, tags] of [
    ["early", [{ key: "team", value: "sky" }]],
    ["late", [{ key: "team", value: "Sea" }]],
    ["ask", [prompt]],
  ] as const) {
    await given.ask("POST", `${api}/registered-models/create`, { name, tags });
    const source = name === "ask" ? "prompt-template" : `runs:/${run}/${name}`;
    const version = { name, source, tags: [{ key: "of", value: name }] };
    for (let made = 0; made < 2; made++) await given.ask("POST", `${api}/model-versions/create`, version);
  }
});

describe("registered models are found", () => {
  it.each<[string, Record<string, string>, unknown]>([
    ["all but prompts", {}, ["early", "late"]],
    ["prompts when they are asked for", { filter: "tags.`mlflow.prompt.is_prompt` = 'true'" }, ["ask"]],
    [
      "as the client adds it",
      { filter: "name LIKE '%' AND tag.`mlflow.prompt.is_prompt` != 'true'" },
      ["early", "late"],
    ],
    ["by name", { filter: "name = 'late'" }, ["late"]],
    ["by names", { filter: "name IN ('late', 'none')" }, ["late"]],
    ["by a tag", { filter: "tags.team ILIKE 's%' AND tags.team != 'sky'" }, ["late"]],
    ["by what would end the statement", { filter: `name = "'; DROP TABLE registered_models; --"` }, []],
    ["downwards", { order_by: "name DESC" }, ["late", "early"]],
    ["by the latest change", { order_by: "last_updated_timestamp DESC" }, ["late", "early"]],
    ["in no order twice", { order_by: "name, name" }, 400],
    ["by no number", { filter: "name = 3" }, 400],
    ["by nothing more", { filter: "name > 'a'" }, 400],
  ])("%s", async (_title, query, found) => {
    expect(await search("registered-models", query)).toEqual(found);
  });
});

describe("versions are found", () => {
  it.each<[string, Record<string, string>, unknown]>([
    ["all but prompts, in an order", { order_by: "version_number ASC" }, ["early1", "late1", "early2", "late2"]],
    ["by name and number", { filter: "name = 'late' AND version_number >= 2" }, ["late2"]],
    ["by a number in quotes", { filter: "version_number = '1' AND name = 'early'" }, ["early1"]],
    ["by source", { filter: "source_path LIKE '%/late'", order_by: "version_number" }, ["late1", "late2"]],
    ["by a tag", { filter: "tags.of = 'early'", order_by: "version_number" }, ["early1", "early2"]],
    ["by no run of theirs", { filter: "run_id IN ('none')" }, []],
    ["by no half of a number", { filter: "version_number = 'x'" }, 400],
    ["by no sources in a list", { filter: "source_path IN ('a')" }, 400],
  ])("%s", async (_title, query, found) => {
    expect(await search("model-versions", query)).toEqual(found);
  });
});

describe("versions that are made at once", () => {
  it("each get a number of their own", async () => {
    const source = "models:/late/1";
    const made = await Promise.all(
      Array.from({ length: 12 }, () => given.ask("POST", `${api}/model-versions/create`, { name: "late", source })),
    );
    const numbers = made.map(({ body }) => Number(body.model_version.version)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, index) => index + 3));
  });
});
