/**
 * The data bench: contract, profile, commit, point-in-time join and online lookup, each beside its peers and a control in one
 * run. `npm run bench -- data [part …]` runs all parts or the named ones.
 * @module
 */
import { benchCommit, fullCommit } from "./data/commit.ts";
import { benchContract, fullContract } from "./data/contract.ts";
import { benchJoin, fullJoin } from "./data/join.ts";
import { benchMemory } from "./data/memory.ts";
import { benchOnline, fullOnline } from "./data/online.ts";
import { benchProfile } from "./data/profile.ts";
import { print, runParts } from "./figures.ts";

/** Feast takes minutes for what the others do in a second: it is held against a smaller join. */
const smallJoin = { spineRows: 10_000, featureRows: 100_000, entities: 1_000, repeats: 5 } as const;

const parts: Parameters<typeof runParts>[1] = {
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

await runParts("data", parts);
