/**
 * `steward data readmit`: takes rows of a dataset back out of quarantine.
 * @module
 */
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { RowChoice } from "../../../data/choose-readmitted.ts";
import { datasetVersionSchema } from "../../../data/dataset-version.ts";
import {
  addDecision,
  identifyReadmitted,
  listReadmitted,
  type Readmissions,
  readmissionsSchema,
  takeBackDecision,
} from "../../../data/readmission.ts";
import { StewardError } from "../../../definitions/problem.ts";
import { datasetSpec } from "../../../definitions/spec.ts";
import type { Engine, EntityAddress } from "../../../engine/engine.ts";
import type { EntityStatus } from "../../../engine/entity-status.ts";
import type { Actor } from "../../../engine/messages.ts";
import type { Store } from "../../../store/store.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../../command.ts";
import { findActor, readCallStack, withStack } from "../../stack.ts";

export const dataReadmitCommand: Command = {
  summary: "Take rows of a dataset back out of quarantine, with who decided it and why.",
  arguments: "<dataset>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    rows: { type: "string", help: "these rows: position,… or file:position,… (default: none)" },
    where: { type: "string", help: "the rows with a reason that has this in it, in any case (default: none)" },
    all: { type: "boolean", help: "all rows in quarantine" },
    because: { type: "string", help: "why; it is kept with the version" },
    undo: { type: "string", help: "leave the rows of this decision in quarantine again (default: none)" },
    as: { type: "string", help: "who decides (default: the user of this machine)" },
  },
  help: `
The next version has those rows among its good ones, and every version after it for as long as their file stays what it is. A
row whose values are not of its columns' types stays where it is, and nothing is changed.

  npx steward data quarantine flights                                        look first
  npx steward data readmit flights --where "delay is above" --because "a real storm"
  npx steward data readmit flights --rows 2024-01.csv:17,2024-01.csv:40 --because "checked by hand"
  npx steward data readmit flights --undo 1`,
  run: async (call) => {
    const [dataset = ""] = call.arguments;
    const wish = readWish(call);
    const stack = await readCallStack(call);
    const entity: EntityAddress = { project: stack.project.name, kind: "dataset", name: dataset };
    const done = await withStack(stack, async ({ engine, openStore }) => {
      const [status, store] = [await engine.status(entity), await openStore()];
      const place = { store, status: requireLive(dataset, status) };
      const list = await decide(wish, { ...place, dataset, actor: findActor(call) });
      return tell(engine, { ...place, entity, list, actor: findActor(call) });
    });
    const { after, list } = done;
    const isDone = after?.state === "ready" && after.readmitted?.list.sha256 === done.wanted;
    if (call.has("json")) call.print(JSON.stringify({ status: after, decisions: list.decisions }, null, 2));
    else {
      const reasons = (after?.reasons ?? []).map((reason) => `  ✖ ${reason.replaceAll("\n", "\n    ")}`);
      call.print(
        [`${isDone ? "✔" : "✖"} ${dataset}: ${after?.summary ?? "retired"}`, ...(isDone ? [] : reasons)].join("\n"),
      );
    }
    return isDone ? exitCodes.done : exitCodes.failed;
  },
};

type Wish = { readonly undo: number } | { readonly choice: RowChoice; readonly because: string };

interface Deciding {
  readonly store: Store;
  readonly status: EntityStatus;
  readonly dataset: string;
  readonly actor: Actor;
}

/** The decisions that are to be in force. */
async function decide(wish: Wish, { store, status, dataset, actor }: Deciding): Promise<Readmissions> {
  const before = status.readmitted && (await store.getJson(status.readmitted.list, readmissionsSchema));
  if ("undo" in wish) return takeBackDecision(dataset, before, wish.undo);
  const { chooseReadmitted } = await import("../../../data/choose-readmitted.ts");
  const root = status.live?.kind === "dataset" ? status.live.root : "";
  const rows = await chooseReadmitted({
    spec: await store.getJson(status.desired.spec, datasetSpec),
    version: await store.getJson(root, datasetVersionSchema),
    choice: wish.choice,
    store,
    workFolder: tmpdir(),
  });
  return addDecision(dataset, before, {
    at: new Date().toISOString(),
    actor: { id: actor.id, via: actor.via },
    because: wish.because,
    rows: [...rows],
  });
}

interface Telling extends Pick<Deciding, "store" | "status" | "actor"> {
  readonly entity: EntityAddress;
  readonly list: Readmissions;
}

/** Puts the decisions in force, and waits for the version that they make. */
async function tell(engine: Engine, { entity, store, status, list, actor }: Telling) {
  const stored = await store.putJson(list);
  const rows = identifyReadmitted(listReadmitted(list));
  const before = status.readmitted?.list.sha256;
  const { generation } = await engine.readmit(entity, {
    actor,
    readmitted: { list: stored, ...(rows !== undefined && { rows }) },
    ...(before !== undefined && { before }),
  });
  for (;;) {
    const now = await engine.status(entity);
    const isSettled = !now || (now.settled >= generation && now.state !== "working");
    // Beside what else there was to do, it is done last.
    if (isSettled && (!now || now.state === "failed" || now.readmitted?.list.sha256 === stored.sha256))
      return { after: now, list, wanted: stored.sha256 };
    await delay(200);
  }
}

function requireLive(dataset: string, status: EntityStatus | undefined): EntityStatus {
  if (status?.live?.kind === "dataset" && status.live.fingerprint !== undefined) return status;
  throw new StewardError({
    code: status ? "version-unknown" : "entity-unknown",
    at: "",
    what: status
      ? `dataset "${dataset}" has no live version of which it is known what it was taken from`
      : `there is no dataset "${dataset}"`,
    fix: status ? `npx steward ingest ${dataset} makes one` : "`npx steward status` lists what there is",
  });
}

function readWish(call: Pick<Call, "text" | "has">): Wish {
  const [undo, rows, where, because] = ["undo", "rows", "where", "because"].map((option) => call.text(option));
  const given = [undo !== undefined, rows !== undefined, where !== undefined, call.has("all")].filter(Boolean).length;
  if (given !== 1)
    throw misuse(
      "say which rows, in one way",
      given === 0 ? "none" : "several",
      "one of --rows, --where, --all, --undo",
    );
  if (undo !== undefined) {
    if (/^[1-9]\d{0,8}$/.test(undo)) return { undo: Number(undo) };
    throw misuse('"--undo" is no number of a decision', undo, "a whole number from 1");
  }
  if (because === undefined || because.trim() === "")
    throw misuse('"--because" is missing, which says why', "none", "--because <why>");
  if (rows !== undefined) return { choice: { by: "place", rows: rows.split(",").map(readPlace) }, because };
  return { choice: where === undefined ? { by: "all" } : { by: "reason", reason: where }, because };
}

function readPlace(text: string): { readonly file: string; readonly position: number } {
  const [, file = "", position = ""] = /^(?:(.+):)?([1-9]\d{0,14})$/.exec(text.trim()) ?? [];
  if (position !== "") return { file, position: Number(position) };
  throw misuse('"--rows" names no row', `"${text}"`, "<position> or <file>:<position>");
}

function misuse(what: string, got: string, expected: string): StewardError {
  const fix = "see npx steward data readmit --help";
  return new StewardError({ code: "command-misused", at: "", what, got, expected, fix });
}
