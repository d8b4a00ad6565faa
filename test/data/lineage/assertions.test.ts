import { expect, it } from "vitest";
import { listAssertions } from "../../../framework/data/lineage/assertions.ts";
import { exampleVersion } from "./versions.ts";

const whole = exampleVersion();

it("each rule of a contract is told with how many rows broke it, those that none broke too", () => {
  const contract = { ...whole.spec.contract, unique: ["t", "amount"] };
  expect(listAssertions({ ...whole, spec: { ...whole.spec, contract } })).toEqual(
    [
      { assertion: "keeps the contract", success: false, severity: "warn", expected: "0", actual: "4" },
      ...["t", "amount"].flatMap((column) => [
        { assertion: `none is not ${column === "t" ? "a time" : "an integer"}`, column, success: true },
        { assertion: "none is null", column, success: true },
      ]),
      { assertion: "none is below 0", column: "amount", success: false, actual: "3" },
      { assertion: "none is not a text", column: "odd, name/ü", success: true },
      { assertion: "none is not a number", column: "share", success: true },
      { assertion: "none is null", column: "share", success: true },
      { assertion: "none is not true or false", column: "open", success: true },
      { assertion: "none is null", column: "open", success: true },
      { assertion: "none repeats an earlier row", name: "t, amount", success: false, actual: "2" },
      // No rule that there is now, as "accept" had none, and it was broken all the same.
      { assertion: "share only where open", success: false, actual: "1" },
    ].map((each) => ({ severity: "warn", expected: "0", actual: "0", ...each })),
  );
});

it("what is asked of all rows together is told with what they are", () => {
  const contract = {
    ...whole.spec.contract,
    violations: "reject",
    rows: { min: 1, max: 20 },
    freshness: "2 days",
    evolution: "freeze",
  } as const;
  const { quarantined: _, ...version } = whole.version;
  const told = listAssertions({ ...whole, version, spec: { ...whole.spec, contract } });
  expect(told[0]).toMatchObject({ assertion: "keeps the contract", success: true, severity: "error", actual: "0" });
  expect(told.slice(-4)).toEqual([
    { assertion: "has rows enough", success: true, severity: "error", expected: "at least 1", actual: "15" },
    { assertion: "has not too many rows", success: true, severity: "error", expected: "at most 20", actual: "15" },
    { assertion: "is fresh", success: true, severity: "error", expected: "at most 2 days old", actual: version.to },
    { assertion: "has no other columns", success: true, severity: "error" },
  ]);
});
