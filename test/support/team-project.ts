/**
 * A team's own project: what `npm create steward` writes into an empty folder, on the packed packages.
 * @module
 */
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tarballs } from "../../packaging/pack.ts";
import { type Checkout, openCheckout, type Ran } from "./checkout.ts";

export interface TeamProject extends Checkout {
  /** What the creation said. */
  readonly created: Ran;
}

/** Creates the project and installs it, from nothing but the packed packages and the registries. */
export async function createTeamProject({ steward, create }: Tarballs, name = "rain"): Promise<TeamProject> {
  const temporary = realpathSync(mkdtempSync(join(tmpdir(), "steward-team-")));
  const folder = join(temporary, name);
  const empty = openCheckout({ folder: temporary, temporary, bin: "" });
  const words = ["exec", "--yes", `--package=${create}`, "--", "create-steward", name, "--steward", steward];
  const created = await empty.run("npm", words);
  return { ...openCheckout({ folder, temporary, bin: "node_modules/steward/bin" }), created };
}
