/**
 * What can be made of a vector: an array of numbers whose length its column says, such as an embedding.
 * @module
 */
import type { BooleanExpression } from "./boolean-expression.ts";
import type { Expression, PastOf, ReadsOf, VectorOperand } from "./expression.ts";
import type { NumberExpression } from "./number-expression.ts";

/**
 * A vector. Null where its column is. As a feature it becomes as many inputs of the model as it has numbers: `embedding`
 * of three is `embedding_0`, `embedding_1` and `embedding_2`.
 */
export interface VectorExpression<R extends string, P extends string = never>
  extends Expression<readonly number[], R, P> {
  /**
   * One of its numbers, by its place, a constant counted from 0. Null when the vector is null.
   * @example row.embedding.at(0)
   */
  at(index: number): NumberExpression<R, P>;
  /**
   * The dot product with a vector of the same length: the products added up from the first to the last. Null when either is
   * null.
   * @example row.query.dot(row.document)
   */
  dot<O extends VectorOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * The Euclidean length: the root of the dot product with itself. Null when it is null.
   * @example row.embedding.norm()
   */
  norm(): NumberExpression<R, P>;
  /**
   * The cosine of the angle to a vector of the same length: the dot product over the product of both lengths. Null when
   * either is null, or a length is 0.
   * @example row.query.cosine(row.document)
   */
  cosine<O extends VectorOperand>(other: O): NumberExpression<R | ReadsOf<O>, P | PastOf<O>>;
  /**
   * Whether it is missing. Never null.
   * @example row.embedding.isNull()
   */
  isNull(): BooleanExpression<R, P>;
}
