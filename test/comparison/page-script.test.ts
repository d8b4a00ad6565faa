import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { comparisonScript } from "../../framework/comparison/page-script.ts";

/** As much of a page as the sorting of a table asks for. */
class Head {
  readonly dataset: { readonly kind: string; order?: string };
  readonly #attributes = new Map([["aria-pressed", "false"]]);
  click: () => void = () => undefined;

  constructor(kind: "text" | "number") {
    this.dataset = { kind };
  }

  addEventListener(_: "click", listener: () => void): void {
    this.click = listener;
  }

  getAttribute(name: string): string | undefined {
    return this.#attributes.get(name);
  }

  setAttribute(name: string, value: string): void {
    this.#attributes.set(name, value);
  }
}

/** Runs the script on a table of texts and numbers. */
function open(rows: readonly (readonly [text: string, number: string])[]) {
  const heads = [new Head("text"), new Head("number")] as const;
  const body = {
    rows: rows.map((values) => ({ children: values.map((value) => ({ dataset: { value } })) })),
    append(...sorted: { children: { dataset: { value: string } }[] }[]) {
      body.rows = sorted;
    },
  };
  const table = { querySelectorAll: () => heads, tBodies: [body] };
  const document = {
    querySelector: () => null,
    querySelectorAll: (selector: string) => (selector === "table.sorted" ? [table] : []),
  };
  runInNewContext(comparisonScript, { document });
  const [text, number] = heads;
  return { text, number, shown: () => body.rows.map(({ children }) => children.map(({ dataset }) => dataset.value)) };
}

describe("the table of the page", () => {
  const rows = [
    ["trial 10", "0.5"],
    ["trial 9", ""],
    ["trial 2", "1e-3"],
    ["trial 1", "NaN"],
    ["trial 3", "-Infinity"],
  ] as const;

  it("is sorted by a column of numbers as such, up and then down, what is none last both times", () => {
    const { number, shown } = open(rows);
    const first = () => shown().map(([, value]) => value);
    number.click();
    expect(first()).toEqual(["-Infinity", "1e-3", "0.5", "", "NaN"]);
    number.click();
    expect(first()).toEqual(["0.5", "1e-3", "-Infinity", "", "NaN"]);
  });

  it("is sorted by a column of texts as people count, and says by which one", () => {
    const { text, number, shown } = open(rows);
    number.click();
    text.click();
    expect(shown().map(([name]) => name)).toEqual(["trial 1", "trial 2", "trial 3", "trial 9", "trial 10"]);
    expect([text, number].map((head) => head.getAttribute("aria-pressed"))).toEqual(["true", "false"]);
    expect(text.dataset.order).toBe("up");
    number.click();
    expect(number.dataset.order).toBe("up");
  });
});
