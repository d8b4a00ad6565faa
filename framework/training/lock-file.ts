/**
 * Hash-locked requirements: what pip and uv read, judged before either runs.
 * @module
 */
import type { Problem } from "../definitions/problem.ts";

/** A requirement of a lock, its continuation lines joined. */
interface Requirement {
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

/**
 * Finds every requirement of a lock that does not say, by version and SHA-256, which bytes to install.
 *
 * @param file where the lock is, for the problems.
 */
export function checkLock(text: string, file: string): Problem[] {
  const requirements = listRequirements(text);
  if (requirements.length === 0) {
    return [{ code: "lock-invalid", at: "", what: "The lock has no requirement", fix: advice, file }];
  }
  return requirements.flatMap(({ text, line }) => {
    const expected = describeFault(text);
    const got = text.split(/\s--hash/)[0]?.trim() ?? text;
    return expected
      ? [
          {
            code: "lock-invalid",
            at: `line ${line}`,
            what: "A requirement is not locked",
            got,
            expected,
            fix: advice,
            file,
          },
        ]
      : [];
  });
}

const advice = "write it with uv pip compile --generate-hashes --universal requirements.in -o requirements.lock";

/** What a requirement lacks, or nothing. */
function describeFault(requirement: string): string | undefined {
  if (!/^[A-Za-z0-9][-\w.]*(\[[^\]]*\])?\s*==\s*[^\s;*]+(\s|;|$)/.test(requirement))
    return "name==version --hash=sha256:…";
  if (!/\s--hash=sha256:[0-9a-f]{64}(\s|$)/.test(requirement)) return "at least one --hash=sha256:…";
  return undefined;
}

/** The requirements, without comments and options such as `--index-url`, which are the user's to set. */
function listRequirements(text: string): Requirement[] {
  const requirements: Requirement[] = [];
  let open: Requirement | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const continues = /\\\s*$/.test(raw);
    const content = raw
      .replace(/(^|\s)#.*$/, "")
      .replace(/\\\s*$/, "")
      .trim();
    const joined: Requirement = open
      ? { text: `${open.text} ${content}`.trim(), line: open.line }
      : { text: content, line: index + 1 };
    if (continues) {
      open = joined;
    } else {
      open = undefined;
      if (joined.text !== "" && !isIndexOption(joined.text)) requirements.push(joined);
    }
  }
  if (open && open.text !== "") requirements.push(open);
  return requirements;
}

function isIndexOption(text: string): boolean {
  return /^(--index-url|--extra-index-url|-i|--find-links|-f|--no-index|--only-binary|--no-binary|--prefer-binary)\b/.test(
    text,
  );
}
