/**
 * Metrics of labels that are one of several classes, and of binary ones cut at 0.5 as of two classes. A row's label is the place of
 * its class, its prediction the probability of each class. What a row is said to be is its most probable class, the first of
 * equally probable ones, as NumPy's `argmax` has it.
 * @module
 */
import { prepareMean } from "./mean-metrics.ts";
import type { Sample, Statistic } from "./metrics.ts";
import { prepareCalibrationError } from "./threshold-metrics.ts";

/** How many classes the answers of a sample tell apart. */
function countClasses({ width = 1 }: Sample): number {
  return Math.max(2, width);
}

/** The most probable class of each row; of a binary label 1 from 0.5 on. */
export function chooseClasses({ labels, predictions, width = 1 }: Sample): Uint16Array {
  return Uint16Array.from(labels, (_, row) => {
    if (width === 1) return (predictions[row] as number) >= 0.5 ? 1 : 0;
    let best = 0;
    for (let place = 1; place < width; place++)
      if ((predictions[row * width + place] as number) > (predictions[row * width + best] as number)) best = place;
    return best;
  });
}

/** How often each class is a row's, is said, and is both, and how many rows there are. */
interface ClassCounts {
  readonly actual: Float64Array;
  readonly said: Float64Array;
  readonly right: Float64Array;
  readonly rows: number;
}

/** A metric of how often classes are said and are right. */
function ofCounts(measure: (counts: ClassCounts) => number): (sample: Sample) => Statistic {
  return (sample) => {
    const classes = countClasses(sample);
    const chosen = chooseClasses(sample);
    const labels = Uint16Array.from(sample.labels);
    return (weights) => {
      const [actual, said, right] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)];
      let rows = 0;
      for (let row = 0; row < labels.length; row++) {
        const [weight, label, choice] = [weights[row] as number, labels[row] as number, chosen[row] as number];
        rows += weight;
        actual[label] = (actual[label] as number) + weight;
        said[choice] = (said[choice] as number) + weight;
        if (label === choice) right[label] = (right[label] as number) + weight;
      }
      return measure({ actual, said, right, rows });
    };
  };
}

/** What is measured of one class: how often it is a row's, is said, and is both. */
type ClassScore = (actual: number, said: number, right: number) => number;

/** Of the rows that are said to be of the class, the share that are; 0 where none is. */
export const precisionOf: ClassScore = (_, said, right) => (said > 0 ? right / said : 0);
/** Of the class's rows, the share that are said to be; 0 where there is none. */
export const recallOf: ClassScore = (actual, _, right) => (actual > 0 ? right / actual : 0);
/** The harmonic mean of both. */
export const f1Of: ClassScore = (actual, said, right) => (actual + said > 0 ? (2 * right) / (actual + said) : 0);

/** The mean over classes that are a row's or are said, as scikit-learn's `average="macro"`. */
export function macroOf(score: ClassScore): (sample: Sample) => Statistic {
  return ofCounts(({ actual, said, right }) => {
    let [sum, classes] = [0, 0];
    for (const [place, own] of actual.entries()) {
      const claimed = said[place] as number;
      if (own + claimed === 0) continue;
      sum += score(own, claimed, right[place] as number);
      classes++;
    }
    return sum / classes;
  });
}

/** The mean over classes, each as often as rows have it, as scikit-learn's `average="weighted"`. */
export function weightedOf(score: ClassScore): (sample: Sample) => Statistic {
  return ofCounts(
    ({ actual, said, right, rows }) =>
      actual.reduce((sum, own, place) => sum + own * score(own, said[place] as number, right[place] as number), 0) /
      rows,
  );
}

/** The mean recall of the classes that rows have (Brodersen et al. 2010), as scikit-learn's `balanced_accuracy_score`. */
export const prepareBalancedAccuracy = ofCounts(({ actual, right }) => {
  let [sum, classes] = [0, 0];
  for (const [place, own] of actual.entries()) {
    if (own === 0) continue;
    sum += (right[place] as number) / own;
    classes++;
  }
  return sum / classes;
});

/**
 * The correlation of labels and answers (Matthews 1975; Gorodkin 2004 for several classes), 0 where labels or answers are all of
 * one class, as scikit-learn's `matthews_corrcoef`.
 */
export const prepareMatthews = ofCounts(({ actual, said, right, rows }) => {
  const correct = right.reduce((sum, count) => sum + count, 0);
  const [ofBoth, ofActual, ofSaid] = [
    sumOfProducts(actual, said),
    sumOfProducts(actual, actual),
    sumOfProducts(said, said),
  ];
  const spread = (rows * rows - ofActual) * (rows * rows - ofSaid);
  return spread === 0 ? 0 : (correct * rows - ofBoth) / Math.sqrt(spread);
});

/** The agreement beyond what labels and answers of the same frequencies have by chance (Cohen 1960). NaN where that is all there is. */
export const prepareKappa = ofCounts(({ actual, said, right, rows }) => {
  const expected = sumOfProducts(actual, said) / rows;
  const correct = right.reduce((sum, count) => sum + count, 0);
  return expected === rows ? Number.NaN : (correct - expected) / (rows - expected);
});

function sumOfProducts(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, place) => sum + value * (b[place] as number), 0);
}

/** The share of rows that are of their most probable class. */
export function prepareClassAccuracy(sample: Sample): Statistic {
  const chosen = chooseClasses(sample);
  return prepareMean(sample.labels.map((label, row) => (label === chosen[row] ? 1 : 0)));
}

/** The mean negative log-likelihood of the rows' classes, probabilities clipped to [1e-15, 1 − 1e-15]. */
export function prepareClassLogLoss({ labels, predictions, width = 1 }: Sample): Statistic {
  return prepareMean(
    labels.map(
      (label, row) => -Math.log(Math.min(Math.max(predictions[row * width + label] as number, 1e-15), 1 - 1e-15)),
    ),
  );
}

/** The share of rows whose class is among the `k` most probable, as scikit-learn's `top_k_accuracy_score`. */
export function topAccuracyOf(k: number): (sample: Sample) => Statistic {
  return ({ labels, predictions, width = 1 }) =>
    prepareMean(
      labels.map((label, row) => {
        const own = predictions[row * width + label] as number;
        let before = 0;
        for (let place = 0; place < width; place++) {
          const other = predictions[row * width + place] as number;
          if (other > own || (other === own && place > label)) before++;
        }
        return before < k ? 1 : 0;
      }),
    );
}

/**
 * The mean over classes of a metric of each against all others, as scikit-learn's `roc_auc_score` with `multi_class="ovr"`. NaN where
 * a class has no row, or all of them.
 */
export function oneAgainstOthers(prepare: (sample: Sample) => Statistic): (sample: Sample) => Statistic {
  return (sample) => {
    const statistics = Array.from({ length: countClasses(sample) }, (_, place) => prepare(pickClass(sample, place)));
    return (weights) => statistics.reduce((sum, statistic) => sum + statistic(weights), 0) / statistics.length;
  };
}

/** One class against all others, as a binary sample. */
export function pickClass({ labels, predictions, width = 1 }: Sample, place: number): Sample {
  return {
    labels: labels.map((label) => (label === place ? 1 : 0)),
    predictions: labels.map((_, row) => predictions[row * width + place] as number),
  };
}

/** Whether each row is of its most probable class, with that class's probability. */
export function pickChosen(sample: Sample): Sample {
  const { labels, predictions, width = 1 } = sample;
  const chosen = chooseClasses(sample);
  return {
    labels: labels.map((label, row) => (label === chosen[row] ? 1 : 0)),
    predictions: labels.map((_, row) => predictions[row * width + (chosen[row] as number)] as number),
  };
}

/**
 * Expected calibration error of the most probable class (Guo et al. 2017): over ten bins of equal width, the mean distance of the
 * share of rows of it from its mean probability, weighted by the bins' rows.
 */
export function prepareConfidenceError(sample: Sample): Statistic {
  return prepareCalibrationError(pickChosen(sample));
}
