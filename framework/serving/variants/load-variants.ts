/**
 * Loads a set of versions: those that live already are kept, the others are loaded and warmed, and all are held against one another
 * before any caller is answered by them.
 * @module
 */
import { describeRequestShape, type RequestShape } from "../../features/online/request-shape.ts";
import { listServedTables } from "../../features/online/served-tables.ts";
import { type PlanStore, readServingSpecs } from "../../features/online/serving-plan.ts";
import { type LiveModel, loadModel, type PackageStore } from "../live-model.ts";
import { listUnbrought } from "../typed/typed-set.ts";
import { LiveVariants, type LoadedVariant } from "./live-variants.ts";
import type { Variant } from "./routing.ts";
import { VariantCounts } from "./variant-counts.ts";
import { findOutputProblem, findRoutingProblem } from "./variant-fit.ts";
import type { WishedVariants } from "./wished-variants.ts";

/** What loading needs of the store. */
export type VariantStore = PackageStore & PlanStore;

/** Why a set cannot serve, in words that callers may see: it names variants, and no package. */
export class UnfitVariants extends Error {
  override readonly name = "UnfitVariants";
}

/**
 * Loads what is wished.
 * @param previous what serves: its models are kept where they are wished again, and so is what was counted of its variants
 * @throws UnfitVariants for versions that cannot stand beside one another; what loading a model throws. Nothing is left loaded then
 */
export async function loadVariants(
  store: VariantStore,
  wish: WishedVariants,
  previous: LiveVariants | undefined,
): Promise<LiveVariants> {
  const problem = findRoutingProblem(wish.variants);
  if (problem !== undefined) throw new UnfitVariants(problem);
  const lives = new Map([...(previous?.lives ?? [])].map((live) => [keyOf(live.package.model, live), live]));
  const fresh: LiveModel[] = [];
  try {
    const loaded: LoadedVariant[] = [];
    for (const variant of wish.variants) {
      const key = keyOf(variant.model, { version: String(variant.version), digest: variant.package });
      let live = lives.get(key);
      if (!live) {
        live = await loadModel(store, variant.model, variant);
        lives.set(key, live);
        fresh.push(live);
      }
      loaded.push({ variant, live, counts: findCounts(variant, previous) });
    }
    const set = new LiveVariants({ ...wish, loaded });
    await checkFit(store, set);
    return set;
  } catch (error) {
    await Promise.allSettled(fresh.map((live) => live.release()));
    throw error;
  }
}

/** The same package under another number is another release, which answers tell. */
function keyOf(model: string, { version, digest }: Pick<LiveModel, "version" | "digest">): string {
  return `${model}/${version}/${digest}`;
}

/** Counting goes on while a package keeps its name. */
function findCounts({ name, package: digest }: Variant, previous: LiveVariants | undefined): VariantCounts {
  const same = previous?.all.find((variant) => variant.name === name && variant.live.digest === digest);
  return same?.counts ?? new VariantCounts();
}

/**
 * Whoever brings features brings the champion's. A version with other ones can answer typed requests alone, whose features the server
 * computes for each version by its own plan, from the columns that the champion's callers bring. One that can answer neither is refused.
 */
async function checkFit(store: VariantStore, { all, champion }: LiveVariants): Promise<void> {
  for (const { name, live, order } of all) {
    const problem = findOutputProblem(name, live.package, champion.live.package);
    if (problem !== undefined) throw new UnfitVariants(problem);
    if (order !== "none") continue;
    const [own, brought] = await Promise.all([readShape(store, live), readShape(store, champion.live)]);
    const other = `variant "${name}" has other inputs than the champion`;
    if (!own || !brought) throw new UnfitVariants(`${other}, and no plan by which the server computes them`);
    const columns = listUnbrought(own, brought);
    if (columns.length > 0)
      throw new UnfitVariants(`${other}, made of columns that its callers do not bring: ${columns.join(", ")}`);
  }
}

async function readShape(store: VariantStore, { digest }: LiveModel): Promise<RequestShape | undefined> {
  const specs = await readServingSpecs(store, digest);
  return specs && describeRequestShape(listServedTables(specs));
}
