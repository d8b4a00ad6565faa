/**
 * The operators that a model may be made of, each with the opset that it came in. What is not here is refused: operators that
 * run a graph of their own as often as they are told, those of chance, of texts and images, and those that only training has.
 * @module
 */

/** The operators of each domain by the opset they came in. */
const operators: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  "": {
    1: `Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Constant Conv ConvTranspose
      DepthToSpace Div Dropout Elu Equal Exp Flatten Floor GRU Gather Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool
      Greater HardSigmoid Hardmax Identity InstanceNormalization LRN LSTM LeakyRelu Less Log LogSoftmax LpNormalization
      LpPool MatMul Max MaxPool Mean Min Mul Neg Not Or PRelu Pad Pow RNN Reciprocal ReduceL1 ReduceL2 ReduceLogSum
      ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Selu Shape Sigmoid
      Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh Tile TopK Transpose Unsqueeze Xor`,
    7: "Acos Asin Atan Cos Sin Tan",
    8: "Expand",
    9: `Acosh Asinh Atanh Compress ConstantOfShape Cosh Erf EyeLike IsNaN MeanVarianceNormalization NonZero OneHot
      Scatter Shrink Sign Sinh Where`,
    10: `ConvInteger DequantizeLinear IsInf MatMulInteger Mod QLinearConv QLinearMatMul QuantizeLinear
      ReverseSequence ThresholdedRelu`,
    11: `BitShift CumSum Det DynamicQuantizeLinear GatherElements GatherND Range Round ScatterElements ScatterND
      Unique`,
    12: "Celu Einsum GreaterOrEqual LessOrEqual",
    14: "HardSwish Trilu",
    15: "CastLike",
    17: "LayerNormalization",
    18: "BitwiseAnd BitwiseNot BitwiseOr BitwiseXor GroupNormalization Mish",
    20: "Gelu",
    23: "Attention RMSNormalization RotaryEmbedding",
    24: "Swish",
  },
  "ai.onnx.ml": {
    1: `ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer LabelEncoder LinearClassifier LinearRegressor Normalizer
      OneHotEncoder SVMClassifier SVMRegressor Scaler TreeEnsembleClassifier TreeEnsembleRegressor`,
  },
};

/** Operators with inner graphs, which run as often as they are told, and the opset they came in. */
const controlFlow: Readonly<Record<string, number>> = { If: 1, Loop: 1, Scan: 8 };

/** The opsets of each domain that are read, the oldest and the newest. */
export const readOpsets: Readonly<Record<string, readonly [oldest: bigint, newest: bigint]>> = {
  "": [7n, 26n],
  "ai.onnx.ml": [1n, 5n],
};

const since = new Map(
  Object.entries(operators).flatMap(([domain, byOpset]) =>
    Object.entries(byOpset).flatMap(([opset, names]) =>
      names.split(/\s+/).map((name) => [`${domain}:${name}`, BigInt(opset)] as const),
    ),
  ),
);

/** Whether a domain is one of ONNX itself. */
export function isStandard(domain: string): boolean {
  return Object.hasOwn(readOpsets, domain);
}

/**
 * Why an operator of a standard domain is refused, or nothing.
 *
 * @param version which opset of the domain is meant.
 * @param allowed operators with inner graphs that are taken all the same.
 */
export function judgeOperator(
  { domain, op }: { readonly domain: string; readonly op: string },
  version: bigint | undefined,
  allowed: readonly string[],
): string | undefined {
  const called = domain === "" ? op : `${domain}.${op}`;
  const isFlow = domain === "" && Object.hasOwn(controlFlow, op);
  if (isFlow && !allowed.includes(op)) return `operator ${called} runs a graph as often as it is told`;
  const first = isFlow ? BigInt(controlFlow[op] ?? 1) : since.get(`${domain}:${op}`);
  if (first === undefined) return `operator ${called} is none that is admitted`;
  // Converters of trees name no opset but their own; a runtime takes the newest it knows for the operators of ONNX itself.
  if (version === undefined)
    return domain === "" ? undefined : `operator ${called} is used, and no opset of its domain is named`;
  return version < first ? `operator ${called} is not in opset ${version}, it came with ${first}` : undefined;
}
