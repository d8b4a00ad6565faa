/**
 * All generated pages.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { problemCatalogue } from "../../framework/definitions/problem-catalogue.ts";
import * as language from "../../framework/index.ts";
import { readDeclarations } from "./declaration.ts";
import { renderExample } from "./example-page.ts";
import { type PrintedMessages, renderMessages } from "./messages.ts";
import { nouns, sources } from "./noun.ts";
import { renderNoun } from "./noun-page.ts";
import { renderZodSubset } from "./zod-subset.ts";

const root = join(import.meta.dirname, "../..");

/** A page, by its path from the root of the repository. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Renders every generated page from the sources as they are. */
export function composePages(): readonly Page[] {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const all = sources.flatMap((file) => readDeclarations(read(`framework/definitions/${file}`)));
  const declarations = new Map(all.map((declaration) => [declaration.name, declaration]));
  const exported = new Set(Object.keys(language));
  // The campaign of messages writes it; without it they have no examples.
  const campaign = "test/campaigns/results/messages.json";
  const printed: PrintedMessages = existsSync(join(root, campaign)) ? JSON.parse(read(campaign)) : { log: [] };
  const examples = readdirSync(join(root, "examples")).sort();
  return [
    { path: "docs/messages.md", text: renderMessages(problemCatalogue, printed) },
    { path: "docs/zod-subset.md", text: renderZodSubset() },
    ...nouns.map((noun) => ({
      path: `docs/nouns/${noun.name}.md`,
      text: renderNoun(noun, { declarations, exported }),
    })),
    ...examples.map((name) => ({
      path: `docs/examples/${name}.md`,
      text: renderExample({
        name,
        project: read(`examples/${name}/project.ts`),
        trainer: read(`examples/${name}/train.py`),
      }),
    })),
  ];
}
