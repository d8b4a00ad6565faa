/**
 * A Markdown page as the tests of the documents read it: its code blocks, its commands, its headings and its links.
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** A fenced block. */
export interface Block {
  readonly language: string;
  /** What follows the language: `continue`, `file=train.py`. */
  readonly info: string;
  readonly text: string;
  /** The heading above it, as it is written. */
  readonly heading: string;
  /** The line it begins in, from 1. */
  readonly line: number;
}

/** A line of a shell block, or of an indented block, without its comment. */
export interface DocumentedCommand {
  readonly text: string;
  readonly heading: string;
  readonly line: number;
}

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly commands: readonly DocumentedCommand[];
  /** The anchors of its headings. */
  readonly anchors: ReadonlySet<string>;
  /** The targets of its links and pictures, but for those that lead out of the repository. */
  readonly links: readonly string[];
}

/** The pages that a reader of the repository or of the package sees. */
export function listDocuments(): readonly Document[] {
  const paths = ["*.md", "docs/**/*.md", "create-steward/**/*.md"].flatMap((pattern) =>
    globSync(pattern, { cwd: root }),
  );
  return paths
    .filter((path) => path !== "CHANGELOG.md")
    .sort()
    .map(readDocument);
}

/** Reads a page, by its path from the root of the repository. */
export function readDocument(path: string): Document {
  return parseDocument(path, readFileSync(join(root, path), "utf8"));
}

function parseDocument(path: string, text: string): Document {
  const blocks: Block[] = [];
  const commands: DocumentedCommand[] = [];
  const headings: string[] = [];
  const prose: string[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  let isIndented = false;
  for (const [at, line] of text.split("\n").entries()) {
    const heading = headings.at(-1) ?? "";
    const fence = /^```(.*)$/.exec(line);
    if (open) {
      if (!fence) open.lines.push(line);
      else {
        const [language = "", ...info] = open.info.trim().split(" ");
        blocks.push({ language, info: info.join(" "), text: open.lines.join("\n"), heading, line: open.line });
        if (language === "sh")
          for (const [below, command] of open.lines.entries())
            commands.push({ text: command, heading, line: open.line + 1 + below });
        open = undefined;
      }
      continue;
    }
    if (fence) {
      open = { info: fence[1] ?? "", line: at + 1, lines: [] };
      continue;
    }
    isIndented = /^ {4}\S/.test(line) && (isIndented || prose.at(-1) === "");
    // Other indented blocks are pictures made of letters.
    if (isIndented && /^ {4}(npm|npx|node|git) /.test(line))
      commands.push({ text: line.trim(), heading, line: at + 1 });
    if (/^#+ /.test(line)) headings.push(line.replace(/^#+ /, ""));
    prose.push(isIndented ? "" : line);
  }
  const words = prose.join("\n").replace(/`[^`\n]*`/g, "");
  return {
    path,
    blocks,
    commands: commands
      .map((command) => ({ ...command, text: command.text.replace(/\s+#\s.*$/, "").trim() }))
      .filter((command) => command.text !== ""),
    anchors: anchorsOf(headings),
    links: [...words.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)]
      .map(([, link, attribute]) => link ?? attribute ?? "")
      .filter((link) => !/^[a-z]+:/.test(link)),
  };
}

/** As forges make them of headings: of two equal ones the second has a number. */
function anchorsOf(headings: readonly string[]): ReadonlySet<string> {
  const seen = new Map<string, number>();
  return new Set(
    headings.map((heading) => {
      const plain = heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_\- ]/gu, "")
        .replaceAll(" ", "-");
      const count = seen.get(plain) ?? 0;
      seen.set(plain, count + 1);
      return count === 0 ? plain : `${plain}-${count}`;
    }),
  );
}
