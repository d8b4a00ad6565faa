/**
 * Metrics of the order of rows within groups. A group counts as one: resampled, as often as its first row, which is the
 * bootstrap of groups.
 * @module
 */
import type { Sample, Statistic } from "./metrics.ts";

/** A group's rows by falling score: how relevant each is, and whether the next one has another score. */
interface Ranking {
  readonly relevance: readonly number[];
  readonly endsTie: readonly boolean[];
}

/** The mean over the groups of a column of what a ranking is worth. NaN where the rows have no such groups. */
export function meanOverGroups(by: string, worth: (ranking: Ranking) => number): (sample: Sample) => Statistic {
  return ({ labels, predictions, groups }) => {
    const numbers = groups?.[by];
    if (!numbers) return () => Number.NaN;
    const members = new Map<number, number[]>();
    for (const [row, group] of numbers.entries()) {
      const rows = members.get(group);
      if (rows) rows.push(row);
      else members.set(group, [row]);
    }
    const scored = [...members.values()].map((rows) => {
      const ordered = rows.toSorted((a, b) => (predictions[b] as number) - (predictions[a] as number));
      const relevance = ordered.map((row) => labels[row] as number);
      const endsTie = ordered.map((row, i) => predictions[row] !== predictions[ordered[i + 1] ?? -1]);
      return { first: rows[0] as number, worth: worth({ relevance, endsTie }) };
    });
    return (weights) => {
      let [sum, count] = [0, 0];
      for (const { first, worth: value } of scored) {
        const weight = weights[first] as number;
        if (weight === 0) continue;
        sum += weight * value;
        count += weight;
      }
      return sum / count;
    };
  };
}

/**
 * Discounted cumulative gain over the best that the labels allow (Järvelin and Kekäläinen 2002), with the label as the gain and
 * rows of one score at the mean of their discounts (McSherry and Najork 2008), as scikit-learn's `ndcg_score`. 0 without a
 * relevant row, NaN for a label below 0.
 */
export function ndcgOf(k = Number.POSITIVE_INFINITY): (ranking: Ranking) => number {
  return ({ relevance, endsTie }) => {
    if (relevance.some((value) => value < 0)) return Number.NaN;
    const discount = (rank: number) => (rank < k ? 1 / Math.log2(rank + 2) : 0);
    const ideal = relevance.toSorted((a, b) => b - a).reduce((sum, value, rank) => sum + value * discount(rank), 0);
    if (ideal === 0) return 0;
    let [gain, tied, discounts, rows] = [0, 0, 0, 0];
    for (const [rank, value] of relevance.entries()) {
      tied += value;
      discounts += discount(rank);
      rows++;
      if (!endsTie[rank]) continue;
      gain += (tied / rows) * discounts;
      [tied, discounts, rows] = [0, 0, 0];
    }
    return gain / ideal;
  };
}

/** One over the rank of the first relevant row (Voorhees 1999), rows of one score at the last of their ranks; 0 without one. */
export function reciprocalRank({ relevance, endsTie }: Ranking): number {
  const first = relevance.findIndex((value) => value > 0);
  return first < 0 ? 0 : 1 / (endsTie.indexOf(true, first) + 1);
}

/** The precision at each relevant row, rows of one score together, over how many there are; 0 without one. */
export function averagePrecisionOf({ relevance, endsTie }: Ranking): number {
  let [found, before, sum] = [0, 0, 0];
  for (const [rank, value] of relevance.entries()) {
    if (value > 0) found++;
    if (!endsTie[rank]) continue;
    sum += (found - before) * (found / (rank + 1));
    before = found;
  }
  return found === 0 ? 0 : sum / found;
}
