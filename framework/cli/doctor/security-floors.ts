/**
 * The oldest versions without known holes, as data: to be looked at with every release of Steward.
 * @module
 */
import { compareVersions } from "../../toolchain/version.ts";

/** When the table was last compared with what the projects publish. */
export const floorsAsOf = "2026-11";

/** The newest security release of each line that still gets them: `22` of Node, `3.11` of Python. */
interface Floors {
  readonly lines: Readonly<Record<string, string>>;
  /** How many numbers of a version name its line. */
  readonly depth: 1 | 2;
  /** What a version of no such line means. */
  readonly otherwise: string;
}

export const securityFloors = {
  node: {
    lines: { "22": "22.23.4", "24": "24.22.1", "26": "26.12.1" },
    depth: 1,
    otherwise: "gets no security fixes: take a line with long-term support, 22, 24 or 26",
  },
  python: {
    lines: { "3.11": "3.11.15", "3.12": "3.12.14", "3.13": "3.13.15", "3.14": "3.14.7" },
    depth: 2,
    otherwise: "is of a line that this table does not know yet",
  },
  go: {
    lines: { "1.26": "1.26.10", "1.27": "1.27.3" },
    depth: 2,
    otherwise: "gets no security fixes any more, or is newer than this table",
  },
  "temporal-server": {
    lines: { "1.32": "1.32.2" },
    depth: 2,
    otherwise: "is of a line that this table does not know yet",
  },
} as const satisfies Readonly<Record<string, Floors>>;

/** What is known and has no newer version to take. */
export const remarks: Readonly<Record<string, string>> = {
  minio: "the last open source; CVE-2026-33322 is about OIDC, which Steward never turns on",
};

/** What is wrong with a version. Pure. @returns nothing when nothing is known to be */
export function findWeakness(program: keyof typeof securityFloors, version: string): string | undefined {
  const { lines, depth, otherwise }: Floors = securityFloors[program];
  const floor = lines[version.split(".").slice(0, depth).join(".")];
  if (floor === undefined) return otherwise;
  return compareVersions(version, floor) < 0 ? `security fixes since: take ${floor} or newer` : undefined;
}
