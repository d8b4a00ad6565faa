/**
 * Every command in the documents is run by a test: by the tutorial's or the backup's, which take them from the page, or by the one
 * that this table names.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listDocuments, root } from "./document.ts";

/** Who runs a command, and words of that file by which it does. */
interface RunBy {
  readonly command: RegExp;
  readonly by: string;
  readonly words: string;
}

const team = "test/packaging/package.long.test.ts";
const flights = "test/e2e/flights.test.ts";
const rollouts = "test/e2e/long/rollout.test.ts";

/** Commands by where they are run. The first row that fits counts; with `<…>` a page leaves a word to its reader. */
const runElsewhere: readonly RunBy[] = [
  // Whoever runs any test has run it.
  { command: /^npm (ci|ci && npm test|test)$/, by: "package.json", words: '"test":' },
  { command: /^npm ci && npm run demo$/, by: flights, words: '["run", "demo"]' },
  { command: /^npm create steward \S+( -- .*)?$/, by: "test/packaging/create.test.ts", words: "index.js" },
  { command: /^npm exec .*-- create-steward /, by: "test/support/team-project.ts", words: '"create-steward"' },
  { command: /^npm run pack$/, by: team, words: "packAll(" },
  { command: /^cd \S+$/, by: team, words: "createTeamProject" },
  { command: /^npm run check$/, by: team, words: '["run", "check"]' },
  { command: /^npx pulumi up -s local$/, by: team, words: '["pulumi", "up", "-s", "local"' },
  { command: /^npx steward plan$/, by: team, words: '["steward", "plan"]' },
  { command: /^npx steward predict rain-tomorrow$/, by: team, words: '"predict", "rain-tomorrow"' },
  { command: /^npx steward down( -s local)?$/, by: team, words: '["steward", "down"]' },
  { command: /^npx steward status$/, by: flights, words: 'steward(["status"])' },
  { command: /^npx steward doctor$/, by: "test/cli/doctor.test.ts", words: '"doctor"' },
  { command: /^npx steward experiments$/, by: "test/cli/tracked-runs.test.ts", words: 'run("experiments")' },
  { command: /^npx steward runs /, by: "test/cli/tracked-runs.test.ts", words: '"runs", "late-search", "--tree"' },
  {
    command: /^npx steward compare /,
    by: "test/cli/tracked-runs.test.ts",
    words: '"--html"',
  },
  { command: /^npx steward rebuild$/, by: "test/e2e/long/tracking.test.ts", words: '"rebuild"' },
  { command: /^npx steward destroy --abandon$/, by: flights, words: '"destroy", "--abandon"' },
  { command: /^npx steward destroy --retire$/, by: "test/e2e/long/tutorial.test.ts", words: 'words[0] === "destroy"' },
  {
    command: /^npx steward ingest flights( --from .*)?$/,
    by: "test/cli/ingest.long.test.ts",
    words: '"ingest", "rows"',
  },
  { command: /^npx steward data readmit flights --/, by: "test/cli/ingest.long.test.ts", words: '"readmit", "rows"' },
  {
    command: /^(curl http:\/\/127\.0\.0\.1:9013\/|-H "|-d ')/,
    by: "test/data/intake/documented.test.ts",
    words: "docs/operations.md",
  },
  // What it installs is this repository's own development dependency, by the same client.
  { command: /^npm install vega-datasets$/, by: "package.json", words: '"vega-datasets":' },
  {
    command: /^npx pulumi config set steward:runner ray:/,
    by: "test/stacks/settings.test.ts",
    words: '"ray:http://host:8265"',
  },
  {
    command: /^npx steward client late-arrival --out /,
    by: "test/cli/client.test.ts",
    words: '"client", "late-arrival", "--out"',
  },
  {
    command: /^npx pulumi config set (--secret )?steward:traces /,
    by: "test/stacks/settings.test.ts",
    words: '"steward:traces": text',
  },
  {
    command: /^npx steward experiment late-arrival --plan /,
    by: "test/cli/experiment.test.ts",
    words: '"experiment", "desk", "--plan", "--rate"',
  },
  { command: /^npx steward rollout late-arrival advance /, by: rollouts, words: '"rollout", "desk", "advance"' },
  { command: /^npx steward rollout late-arrival abort /, by: rollouts, words: '"rollout", "desk", "abort"' },
  { command: /^npx steward requests late-arrival --id /, by: rollouts, words: '"requests", "desk", "--id"' },
  {
    command: /^npx steward requests late-arrival --(follow|since) /,
    by: "test/cli/requests.test.ts",
    words: "--since",
  },
  { command: /^npx steward score late-arrival trips/, by: rollouts, words: '"score", "spender", "visits"' },
  // The package is published nowhere yet.
  { command: /^npm install steward@latest$/, by: "test/packaging/package.long.test.ts", words: "createTeamProject" },
];

/** Pages whose commands a test takes from the page itself, under these headings. */
const runFromPage: Readonly<Record<string, { readonly by: string; readonly headings: RegExp; readonly not: RegExp }>> =
  {
    "docs/tutorial.md": { by: "test/e2e/long/tutorial.test.ts", headings: /./, not: /^(npm|cd) / },
    "docs/operations.md": { by: "test/e2e/long/backup.test.ts", headings: /^(Backup|Restore)$/, not: /^$/ },
    "docs/experiments.md": { by: "test/e2e/long/tracking.test.ts", headings: /^Experiments$/, not: /^$/ },
  };

describe("the commands of the documents", () => {
  it("are each run by a test", () => {
    const nobodys = listDocuments().flatMap(({ path, commands }) =>
      commands
        .filter(({ text, heading }) => !isRun({ path, text, heading }))
        .map(({ text, line }) => `${path}:${line} ${text}`),
    );
    expect(nobodys).toEqual([]);
  });

  it.each(runElsewhere)("$command is run by $by", ({ by, words }) => {
    expect(readFileSync(join(root, by), "utf8")).toContain(words);
  });

  it.each(Object.entries(runFromPage))("of %s are run from the page", (page, { by }) => {
    expect(existsSync(join(root, by))).toBe(true);
    expect(readFileSync(join(root, by), "utf8")).toContain(page);
  });
});

function isRun({
  path,
  text,
  heading,
}: {
  readonly path: string;
  readonly text: string;
  readonly heading: string;
}): boolean {
  const page = runFromPage[path];
  if (page?.headings.test(heading) && !page.not.test(text)) return true;
  return runElsewhere.some(({ command }) => command.test(text));
}
