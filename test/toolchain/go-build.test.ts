import { describe, expect, it } from "vitest";
import { goArguments, goBuildKey, goEnvironment, type Target } from "../../framework/toolchain/go-build.ts";
import { pinnedTools, type ServerTool } from "../../framework/toolchain/tools.ts";

const linux: Target = { platform: "linux", arch: "x64" };

function server(name: "minio" | "pulumi" | "temporal-ui"): ServerTool {
  const tool = pinnedTools[name];
  if (tool.kind !== "server") throw new Error(`${name} is no server`);
  return tool;
}

describe("goBuildKey", () => {
  it("is the same for the same build", async () => {
    expect(await goBuildKey(server("minio"), "1.27.3", linux)).toBe(await goBuildKey(server("minio"), "1.27.3", linux));
  });

  it("differs with everything that decides the result", async () => {
    const minio = server("minio");
    const keys = await Promise.all([
      goBuildKey(minio, "1.27.3", linux),
      goBuildKey(minio, "1.27.4", linux),
      goBuildKey(minio, "1.27.3", { platform: "darwin", arch: "x64" }),
      goBuildKey(minio, "1.27.3", { platform: "linux", arch: "arm64" }),
      goBuildKey({ ...minio, package: "github.com/minio/minio/other" }, "1.27.3", linux),
      goBuildKey({ ...minio, ldflags: "-s" }, "1.27.3", linux),
      goBuildKey({ ...minio, name: "temporal-ui" }, "1.27.3", linux),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("goArguments", () => {
  it("names the linker's flags where there are any, and the package last", () => {
    expect(goArguments(server("temporal-ui"), "/out")).toEqual([
      "build",
      "-trimpath",
      "-mod=readonly",
      "-o",
      "/out",
      "github.com/temporalio/ui-server/v2/cmd/server",
    ]);
    expect(goArguments(server("pulumi"), "/out").slice(3, 5)).toEqual([
      "-ldflags",
      "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=3.255.0",
    ]);
  });
});

describe("goEnvironment", () => {
  it("keeps the user's proxy and caches, and nothing that would change the result", () => {
    const user = { PATH: "/bin", GOPROXY: "direct", GOMODCACHE: "/m", GOROOT: "/old", GOOS: "plan9", GOFLAGS: "-race" };
    expect(goEnvironment(user, { platform: "darwin", arch: "x64" })).toEqual({
      PATH: "/bin",
      GOPROXY: "direct",
      GOMODCACHE: "/m",
      CGO_ENABLED: "0",
      GOARCH: "amd64",
      GOFLAGS: "-buildvcs=false",
      GOOS: "darwin",
      GOTOOLCHAIN: "local",
      GOWORK: "off",
    });
  });
});
