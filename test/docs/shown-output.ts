/**
 * What a page shows of a command's output, compared with what was printed: figures, digests and durations may differ.
 * @module
 */

/**
 * The shown lines that no printed line has, in this form. `…` stands for anything left out: within a line, or alone on one.
 */
export function findMissingLines(shown: string, printed: string): readonly string[] {
  const lines = printed.split("\n").map(normalise);
  return shown.split("\n").filter((line) => {
    const parts = line.split("…").map(normalise).filter(Boolean);
    return !lines.some((one) => containsInOrder(one, parts));
  });
}

function containsInOrder(line: string, parts: readonly string[]): boolean {
  let from = 0;
  return parts.every((part) => {
    const at = line.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}

/** A line without what differs from run to run and from machine to machine. */
function normalise(line: string): string {
  return line
    .replace(/\b[0-9a-f]{12,}\b/g, "#digest")
    .replace(/127\.0\.0\.1:\d+/g, "#address")
    .replace(/\b\d+(\.\d+)?( min( \d+ s)?| s)\b/g, "#time")
    .replace(/\d+\.\d+/g, (figure) => (figure.length > 3 ? "#" : figure))
    .replace(/\s+/g, " ")
    .trim();
}

/** The words of a command as a shell splits them. */
export function splitCommand(command: string): readonly string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}
