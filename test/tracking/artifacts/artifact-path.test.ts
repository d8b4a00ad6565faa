import { describe, expect, it } from "vitest";
import { ownerOf } from "../../../framework/tracking/artifacts/artifact-amendment.ts";
import {
  foldersOf,
  joinPath,
  readArtifactPath,
  readFolderPath,
} from "../../../framework/tracking/artifacts/artifact-path.ts";
import { liesWithin, readArtifactUri, toArtifactUri } from "../../../framework/tracking/artifacts/artifact-uri.ts";
import { badPaths } from "../bad-paths.ts";

describe("paths of artifacts", () => {
  it.each([
    "1/run/artifacts/model/MLmodel",
    "1/run/artifacts/data é.csv",
    "1/run/artifacts/50%.txt",
    "1/run/artifacts/100%25.txt",
    "1/run/artifacts/a%20b",
    "1/run/artifacts/..hidden",
    "1/run/artifacts/a..b",
    "1/run/artifacts/...",
    "1/run/artifacts/c:d",
  ])("takes %s as it is", (path) => {
    expect(readArtifactPath(path)).toBe(path);
  });

  it("takes a slash at the end for none", () => {
    expect(readArtifactPath("1/run/")).toBe("1/run");
  });

  it.each(badPaths)("refuses %j", (path) => {
    expect(() => readArtifactPath(path)).toThrow("Invalid path");
  });

  it("takes no folder for the root", () => {
    expect([readFolderPath(undefined), readFolderPath(""), readFolderPath("a/")]).toEqual(["", "", "a"]);
    expect(() => readFolderPath("../..")).toThrow("Invalid path");
  });

  it("knows the folders of a path, and whose artifact it is", () => {
    expect(foldersOf("1/run/artifacts/a")).toEqual(["1", "1/run", "1/run/artifacts"]);
    expect(ownerOf("1/run/artifacts/a/artifacts/b")).toEqual({ run: "run", root: "1/run/artifacts" });
    expect(ownerOf("artifacts/a")).toBeUndefined();
    expect(ownerOf("1/run/other/a")).toBeUndefined();
    expect(joinPath("1", "", "a")).toBe("1/a");
  });
});

describe("addresses of artifacts", () => {
  it("are read as they are told", () => {
    expect(readArtifactUri(toArtifactUri("1/run/artifacts"))).toBe("1/run/artifacts");
  });

  it.each([
    "mlflow-artifacts://host/1/run",
    "mlflow-artifacts://user:password@host/1",
    "mlflow-artifacts:///1/run",
    "mlflow-artifacts:1/run",
    "MLFLOW-ARTIFACTS:/1/run",
    "mlflow-artifacts:/1/run?path=../2",
    "mlflow-artifacts:/1/run#/../../2",
    "mlflow-artifacts:/1/../2",
    "mlflow-artifacts:/1/%2e%2e/2",
    "mlflow-artifacts:/1/%252e%252e/2",
    "mlflow-artifacts:/",
    "file:///etc/passwd",
    "s3://bucket/key",
    "http://127.0.0.1/api/2.0/mlflow-artifacts/artifacts/1",
    "1/run",
    "",
  ])("are never like %j", (uri) => {
    expect(() => readArtifactUri(uri)).toThrow("Invalid path");
  });

  it("lie within a folder and not beside it", () => {
    expect(liesWithin("1/run/a", "1/run")).toBe(true);
    expect(liesWithin("1/run", "1/run")).toBe(true);
    expect(liesWithin("1/runs/a", "1/run")).toBe(false);
  });
});
