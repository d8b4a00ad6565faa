import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { listDocuments, readDocument, root } from "./document.ts";

const documents = listDocuments();

describe("the documents", () => {
  it.each(documents)("lead to what there is: $path", ({ path, links }) => {
    const broken = links.filter((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : posix.join(dirname(path), file);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !(target.endsWith(".md") && readDocument(target).anchors.has(anchor));
    });
    expect(broken).toEqual([]);
  });

  it("can all be reached from the contents", () => {
    const listed = new Set(readDocument("docs/index.md").links.map((link) => posix.join("docs", link)));
    const pages = documents
      .map(({ path }) => path)
      .filter((path) => path.startsWith("docs/") && path !== "docs/index.md");
    expect(pages.filter((page) => !listed.has(page))).toEqual([]);
  });
});
