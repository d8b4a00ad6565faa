import { describe, expect, it } from "vitest";
import { adviseOn } from "../../framework/toolchain/advice.ts";

describe("adviseOn", () => {
  it.each([
    ["write /tmp/x: no space left on device", "free some disk"],
    ["verifying module: checksum mismatch", "clear the download cache"],
    ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "clear the download cache"],
    ["/go/pkg/tool/compile: signal: killed", "out of memory"],
    ["signal SIGKILL", "out of memory"],
    ["it did not start: spawn /cache/go EACCES", "set STEWARD_CACHE"],
    ["ERROR: No matching distribution found for uv==0.13.9", "put it on PATH"],
    ["dial tcp 127.0.0.1:1: connect: connection refused", "check the network"],
    ["reading @v/v1.zip: 404 Not Found\n\tserver response: 404", "check the network"],
    ["main.go:404:10: undefined: x", "mend what it names"],
    ["", "mend what it names"],
  ])("%j → %s", (output, advice) => {
    expect(adviseOn(output)).toContain(advice);
  });
});
