/**
 * Which versions are to answer, as the store says: those of the endpoint's routing, or what its model has in production. Pure.
 * @module
 */
import type { ProductionRef } from "../../models/model-package.ts";
import { allPoints, type Routing, type Variant } from "./routing.ts";

/** A set of versions that is not loaded yet. */
export interface WishedVariants {
  readonly source: "routing" | "production";
  /** Newer ones of the same source have a higher one. */
  readonly generation: number;
  readonly salt: string;
  readonly variants: readonly Variant[];
}

/** What a release in production wishes: one version for all callers. */
export function wishProduction(model: string, release: ProductionRef): WishedVariants {
  const { generation, version, package: digest } = release;
  const champion: Variant = { name: "champion", model, version, package: digest, weight: allPoints };
  return { source: "production", generation, salt: "", variants: [champion] };
}

/** What a routing wishes. @returns nothing where it leaves the choice to production */
export function wishRouting({ generation, salt, variants }: Routing): WishedVariants | undefined {
  return variants.length > 0 ? { source: "routing", generation, salt, variants } : undefined;
}

/** What is said of a set that could not be loaded. */
export function nameWish({ source, generation, variants }: WishedVariants): string {
  return source === "routing" ? `routing ${generation}` : `version ${variants[0]?.version}`;
}
