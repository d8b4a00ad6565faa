/**
 * What models are made of that somebody made to do harm.
 * @module
 */
import {
  bytes,
  floats,
  graph,
  graphAttribute,
  integer,
  integerAttribute,
  integerTensor,
  join,
  linearModel,
  localFunction,
  model,
  node,
  opset,
  type Part,
  text,
  value,
} from "./onnx-bytes.ts";

export const features = value("features", "float", ["rows", 2]);
export const probability = value("probability", "float", ["rows", 1]);

/** A model of nodes between the input and the output. */
export function modelOf(nodes: readonly Part[], tensors: readonly Part[] = [], functions: readonly Part[] = []): Part {
  return model(graph({ inputs: [features], outputs: [probability], nodes, tensors }), functions);
}

/** A model that multiplies its rows with a constant. */
export function modelWith(tensor: Part): Part {
  return modelOf([node({ op: "MatMul", inputs: ["features", "weights"], outputs: ["probability"] })], [tensor]);
}

/** A model that adds to its answer what a value of a told size has as its mean. */
export function sizedModel(
  op: string,
  inputs: readonly string[],
  tensors: readonly Part[],
  before: readonly Part[] = [],
): Part {
  return modelOf(
    [
      ...before,
      node({ op, inputs, outputs: ["large"] }),
      node({ op: "ReduceMean", inputs: ["large"], outputs: ["mean"], attributes: [integerAttribute("keepdims", 0)] }),
      node({ op: "ReduceSum", inputs: ["features", "columns"], outputs: ["sum"] }),
      node({ op: "Add", inputs: ["sum", "mean"], outputs: ["shifted"] }),
      node({ op: "Sigmoid", inputs: ["shifted"], outputs: ["probability"] }),
    ],
    [...tensors, integerTensor("columns", [1], [1n])],
  );
}

/** A constant whose shape is written as it is told, with as many bytes as it is told. */
export function tensorOf(dims: readonly (number | bigint)[], raw: Part, type = 1): Part {
  return join(...dims.map((size) => integer(1, size)), integer(2, type), text(8, "weights"), bytes(9, raw));
}

/** A constant said to be in another file, with more said of it. */
export function elsewhere(location: string, more: Readonly<Record<string, string>> = {}): Part {
  const entries = Object.entries({ location, ...more }).map(([key, content]) =>
    bytes(13, join(text(1, key), text(2, content))),
  );
  return join(integer(1, 2), integer(1, 1), integer(2, 1), text(8, "weights"), ...entries, integer(14, 1));
}

/** Functions that call the next one, so many times each. */
export function functionChain(depth: number, calls = 1): Part {
  const functions = Array.from({ length: depth }, (_, level) => {
    const last = level === depth - 1;
    const call = { op: last ? "Identity" : `f${level + 1}`, ...(last ? {} : { domain: "local" }) };
    return localFunction(
      `f${level}`,
      Array.from({ length: last ? 1 : calls }, (_, at) =>
        node({ ...call, inputs: ["x"], outputs: [at === 0 ? "y" : `y${at}`] }),
      ),
    );
  });
  return modelOf(
    [
      node({ op: "f0", domain: "local", inputs: ["features"], outputs: ["same"] }),
      node({ op: "ReduceSum", inputs: ["same", "columns"], outputs: ["sum"] }),
      node({ op: "Sigmoid", inputs: ["sum"], outputs: ["probability"] }),
    ],
    [integerTensor("columns", [1], [1n])],
    functions,
  );
}

/** A loop of so many turns. */
export function loopModel(turns: bigint): Part {
  const turn = graph({
    inputs: [value("turn", "int64", []), value("on", "bool", []), value("sum", "float", ["rows", 2])],
    outputs: [value("still", "bool", []), value("next", "float", ["rows", 2])],
    nodes: [
      node({ op: "Identity", inputs: ["on"], outputs: ["still"] }),
      node({ op: "Add", inputs: ["sum", "sum"], outputs: ["next"] }),
    ],
  });
  return modelOf(
    [
      node({
        op: "Loop",
        inputs: ["turns", "", "features"],
        outputs: ["end"],
        attributes: [graphAttribute("body", turn)],
      }),
      node({ op: "ReduceSum", inputs: ["end", "columns"], outputs: ["probability"] }),
    ],
    [integerTensor("turns", [], [turns]), integerTensor("columns", [1], [1n])],
  );
}

/** A few bytes that ask for many floats by a size that is computed, so that only opening it shows how many. */
export function foldedModel(factor: bigint): Part {
  const shape = node({ op: "Mul", inputs: ["one", "other"], outputs: ["shape"] });
  return sizedModel(
    "ConstantOfShape",
    ["shape"],
    [integerTensor("one", [1], [factor]), integerTensor("other", [1], [factor])],
    [shape],
  );
}

const packed = (field: number, values: readonly number[]): Part => join(...values.map((each) => integer(field, each)));

export interface Tree {
  readonly modes: readonly string[];
  readonly features: readonly number[];
  readonly yes: readonly number[];
  readonly no: readonly number[];
  /** @default one for each node */
  readonly values?: number;
}

/** A model of one tree, as its lists say. */
export function treeModel({ modes, features: asked, yes, no, values = modes.length }: Tree): Part {
  const list = (name: string, numbers: readonly number[]) => join(text(1, name), packed(8, numbers), integer(20, 7));
  const zeros = modes.map(() => 0);
  const leaves = modes.flatMap((mode, at) => (mode === "LEAF" ? [at] : []));
  const attributes = [
    list("nodes_treeids", zeros),
    list(
      "nodes_nodeids",
      modes.map((_, at) => at),
    ),
    list("nodes_featureids", asked),
    list("nodes_truenodeids", yes),
    list("nodes_falsenodeids", no),
    join(text(1, "nodes_modes"), ...modes.map((mode) => text(9, mode)), integer(20, 8)),
    join(text(1, "nodes_values"), bytes(7, floats(Array.from({ length: values }, () => 0.5))), integer(20, 6)),
    list(
      "target_treeids",
      leaves.map(() => 0),
    ),
    list("target_nodeids", leaves),
    list(
      "target_ids",
      leaves.map(() => 0),
    ),
    join(text(1, "target_weights"), bytes(7, floats(leaves.map(() => 0.25))), integer(20, 6)),
    integerAttribute("n_targets", 1),
  ];
  const ensemble = node({
    op: "TreeEnsembleRegressor",
    domain: "ai.onnx.ml",
    inputs: ["features"],
    outputs: ["probability"],
    attributes,
  });
  return join(modelOf([ensemble]), bytes(8, opset("ai.onnx.ml", 1)));
}

export const branch = { modes: ["BRANCH_LEQ", "LEAF", "LEAF"], features: [0, 0, 0], yes: [1, 0, 0], no: [2, 0, 0] };
/** A tree that is right. */
export const goodTree = treeModel(branch);

export const good = linearModel([0.5, -0.25]);
export const two = floats([0.5, -0.25]);
export const note = (key: string) => join(good, bytes(14, join(text(1, key), text(2, "yes"))));
export const call = (op: string, domain?: string) =>
  modelOf([node({ op, inputs: ["features"], outputs: ["probability"], ...(domain !== undefined && { domain }) })]);

export function nested(depth: number): Part {
  let inner = graph({ inputs: [], outputs: [], nodes: [] });
  for (let level = 0; level < depth; level++) {
    const around = node({
      op: "If",
      inputs: ["on"],
      outputs: ["y"],
      attributes: [graphAttribute("then_branch", inner)],
    });
    inner = graph({ inputs: [], outputs: [], nodes: [around] });
  }
  return model(inner);
}

export const pickled = (start: string) =>
  Buffer.concat([Buffer.from(start, "latin1"), Buffer.from("posix\nsystem\n(S'id'\ntR.")]);
