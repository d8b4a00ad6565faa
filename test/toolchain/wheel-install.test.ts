import { describe, expect, it } from "vitest";
import { pipEnvironment, wheelKey } from "../../framework/toolchain/wheel-install.ts";

describe("pipEnvironment", () => {
  it("keeps the user's registry, and nothing that contradicts installing into a folder", () => {
    const user = { PATH: "/bin", PIP_INDEX_URL: "registry", PIP_USER: "1", PIP_CONSTRAINT: "c.txt", PIP_PREFIX: "/p" };
    expect(pipEnvironment(user, "/temporary")).toEqual({
      PATH: "/bin",
      PIP_INDEX_URL: "registry",
      PIP_USER: "0",
      PIP_REQUIRE_VIRTUALENV: "0",
      PIP_NO_INPUT: "1",
      PIP_RETRIES: "2",
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
      TMPDIR: "/temporary",
    });
  });
});

describe("wheelKey", () => {
  it("differs with the lock and the machine", () => {
    const keys = [
      wheelKey("uv==1", { platform: "linux", arch: "x64" }),
      wheelKey("uv==2", { platform: "linux", arch: "x64" }),
      wheelKey("uv==1", { platform: "darwin", arch: "x64" }),
      wheelKey("uv==1", { platform: "linux", arch: "arm64" }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
