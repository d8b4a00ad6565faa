/**
 * The data bench: contract, profile, commit, point-in-time join and online lookup, each beside its peers and a control in one
 * run. `npm run bench -- data [part …]` runs all parts or the named ones.
 * @module
 */
import { Interruption, watchInterruption } from "../../framework/toolchain/interruption.ts";
import { benchCommit, fullCommit } from "./data/commit.ts";
import { benchContract, fullContract } from "./data/contract.ts";
import { benchJoin, fullJoin } from "./data/join.ts";
import { benchMemory } from "./data/memory.ts";
import { benchOnline, fullOnline } from "./data/online.ts";
import { benchProfile } from "./data/profile.ts";

interface Figure {
  readonly name: string;
  /** @default it was not measured */
  readonly value?: number | undefined;
  readonly goal: { readonly atLeast: number } | { readonly atMost: number };
}

/** Feast takes minutes for what the others do in a second: it is held against a smaller join. */
const smallJoin = { spineRows: 10_000, featureRows: 100_000, entities: 1_000, repeats: 5 } as const;

const parts: Readonly<Record<string, (signal: AbortSignal) => Promise<readonly Figure[]>>> = {
  contract: async (signal) => {
    const { besideDecode, pandera } = await benchContract({ ...fullContract, signal, print });
    return [
      { name: "contract-beside-decode", value: besideDecode, goal: { atMost: 1.6 } },
      { name: "contract-beside-pandera", value: pandera, goal: { atLeast: 4 } },
    ];
  },
  profile: async (signal) => {
    const { ratio, steward, summarize, bytes } = await benchProfile({ repeats: 5, signal });
    const show = (seconds: readonly number[]) => seconds.map((each) => each.toFixed(2)).join(" ");
    print(`steward   ${show(steward)} s, ${Math.round(bytes / 1024)} KiB\nsummarize ${show(summarize)} s`);
    return [{ name: "profile-beside-summarize", value: ratio, goal: { atLeast: 4 } }];
  },
  commit: async (signal) => {
    const { changed, unchanged, upChanged, upUnchanged } = await benchCommit({ ...fullCommit, signal, print });
    return [
      { name: "commit-of-1-percent-in-one-command-beside-dvc", value: changed, goal: { atLeast: 20 } },
      { name: "commit-of-nothing-in-one-command-beside-dvc", value: unchanged, goal: { atLeast: 50 } },
      { name: "commit-of-1-percent-in-a-process-that-is-up-beside-dvc", value: upChanged, goal: { atLeast: 20 } },
      { name: "commit-of-nothing-in-a-process-that-is-up-beside-dvc", value: upUnchanged, goal: { atLeast: 50 } },
    ];
  },
  join: async (signal) => {
    const full = await benchJoin({ ...fullJoin, signal, print });
    print("a hundredth of it, with Feast:");
    const small = await benchJoin({ ...smallJoin, slowPeers: ["feast"], signal, print });
    return [
      { name: "join-beside-asof", value: full.get("duckdb asof"), goal: { atLeast: 1.5 } },
      { name: "join-beside-asof-presorted", value: full.get("duckdb asof, presorted"), goal: { atLeast: 1.5 } },
      { name: "join-beside-feast", value: small.get("feast"), goal: { atLeast: 20 } },
    ];
  },
  online: async (signal) => {
    const { ratio } = await benchOnline({ ...fullOnline, signal, print });
    return [{ name: "online-p99-beside-hmget", value: ratio, goal: { atMost: 0.05 } }];
  },
  memory: async (signal) => {
    const { ingest, trainingSet } = await benchMemory({ signal, print });
    return [
      { name: "memory-of-ten-times-the-rows-ingest", value: ingest, goal: { atMost: 1.2 } },
      { name: "memory-of-ten-times-the-rows-training-set", value: trainingSet, goal: { atMost: 1.2 } },
    ];
  },
};

async function bench(names: readonly string[], signal: AbortSignal): Promise<void> {
  const figures: Figure[] = [];
  for (const name of names) {
    print(`\n${name}`);
    figures.push(...((await parts[name]?.(signal)) ?? []));
  }
  print("");
  for (const { name, value, goal } of figures) {
    const wanted = "atLeast" in goal ? `>=${goal.atLeast}` : `<=${goal.atMost}`;
    if (value === undefined) print(`${name} - times ${wanted} no`);
    else {
      const isMet = "atLeast" in goal ? value >= goal.atLeast : value <= goal.atMost;
      print(`${name} ${value.toPrecision(3)} times ${wanted} ${isMet ? "yes" : "no"}`);
    }
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const [, ...wanted] = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
using interruption = watchInterruption();
const { signal } = interruption;
if (unknown.length > 0) {
  process.stderr.write(`npm run bench -- data [part …], where a part is ${Object.keys(parts).join(", ")}\n`);
  process.exitCode = 2;
} else {
  try {
    await bench(wanted.length > 0 ? wanted : Object.keys(parts), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = signal.reason instanceof Interruption ? signal.reason.exitCode : 1;
  }
}
