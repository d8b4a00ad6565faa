/**
 * What functions of an ONNX file must be: known, finite, and small once each call is replaced by what is called, as a runtime
 * does with them on its stack. Pure.
 * @module
 */
import type { OnnxFunction, OnnxGraph, OnnxNode } from "./onnx-graph.ts";
import { isStandard } from "./operators.ts";
import { shorten } from "./tensor-rules.ts";

export interface FunctionLimits {
  /** How deep functions may call one another. */
  readonly functionDepth: number;
  /** How many nodes there may be once each call is replaced. */
  readonly nodes: number;
}

/** How large a function is: its longest chain of calls, and its nodes with those of what it calls. */
interface Extent {
  readonly depth: number;
  readonly nodes: bigint;
}

/** Why the functions are refused, or nothing. It keeps its own stack: a file may have more of them than one here is deep. */
export function judgeFunctions(
  functions: readonly OnnxFunction[],
  graph: OnnxGraph,
  limits: FunctionLimits,
): string | undefined {
  const named = new Map<string, OnnxFunction>();
  for (const each of functions) {
    const name = nameOf({ domain: each.domain, op: each.name });
    const shown = `function "${shorten(each.name)}" of domain "${shorten(each.domain)}"`;
    if (isStandard(each.domain)) return `${shown} stands in a domain of ONNX itself`;
    if (named.has(name)) return `${shown} is there twice`;
    named.set(name, each);
  }
  if (named.size === 0) return undefined;

  const extents = new Map<string, Extent>();
  const open = new Set<string>();
  const stack = [...named.keys()];
  while (stack.length > 0) {
    const name = stack.at(-1) ?? "";
    const called = named.get(name);
    if (!called || extents.has(name)) {
      stack.pop();
      continue;
    }
    const calls = listNodes(called.nodes)
      .map(nameOf)
      .filter((callee) => named.has(callee));
    const waiting = calls.filter((callee) => !extents.has(callee));
    if (waiting.length === 0) {
      extents.set(name, extentOf(called.nodes, extents));
      open.delete(name);
      stack.pop();
      continue;
    }
    open.add(name);
    if (waiting.some((callee) => open.has(callee))) return `function "${shorten(called.name)}" calls itself`;
    stack.push(...new Set(waiting));
  }

  const whole = extentOf(graph.nodes, extents);
  const deepest = Math.max(whole.depth, ...[...extents.values()].map(({ depth }) => depth + 1)) - 1;
  if (deepest > limits.functionDepth)
    return `functions call one another ${deepest} deep, and at most ${limits.functionDepth} are admitted`;
  return whole.nodes > BigInt(limits.nodes)
    ? `it has ${whole.nodes} nodes once each call is replaced by its function, and at most ${limits.nodes} are admitted`
    : undefined;
}

/** All nodes, with those of the graphs in them. */
export function listNodes(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  return nodes.flatMap((node) => {
    const inner = node.attributes.flatMap(({ graphs }) => graphs);
    return inner.length === 0 ? [node] : [node, ...inner.flatMap((graph) => listNodes(graph.nodes))];
  });
}

/** The name of what a node calls, unlike that of any other. */
export function nameOf({ domain, op }: { readonly domain: string; readonly op: string }): string {
  return JSON.stringify([domain, op]);
}

function extentOf(nodes: readonly OnnxNode[], extents: ReadonlyMap<string, Extent>): Extent {
  let depth = 0;
  let count = 0n;
  for (const node of listNodes(nodes)) {
    const callee = extents.get(nameOf(node));
    count += callee?.nodes ?? 1n;
    if (callee && callee.depth > depth) depth = callee.depth;
  }
  return { depth: depth + 1, nodes: count };
}
