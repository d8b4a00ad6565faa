import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { findPython } from "../../framework/toolchain/python.ts";
import { ensureTools } from "../../framework/toolchain/toolchain.ts";
import { describeUnreachable, type Fetcher, findUnreachable } from "../../framework/toolchain/unreachable.ts";
import { findFreePort } from "../support/minio.ts";
import { makeFolder } from "./fake-programs.ts";

describe("what a program prints of a registry that does not answer", () => {
  it.each<[Fetcher, string, object | undefined]>([
    [
      "go",
      'main.go:2:8: rsc.io/quote@v1.5.2: Get "https://mirror.example/rsc.io/quote/@v/v1.5.2.zip": dial tcp: lookup mirror.example on 10.0.0.1:53: no such host',
      { where: "https://mirror.example", why: "no such host" },
    ],
    ["go", "reading @v/v1.zip: 404 Not Found", undefined],
    ["go", "main.go:404:10: undefined: x", undefined],
    [
      "pip",
      "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/uv/",
      { why: "Connection refused" },
    ],
    ["pip", "ERROR: No matching distribution found for uv==0.13.9", undefined],
    [
      "uv",
      "error: Request failed after 3 retries in 5.1s\n  cause: Failed to fetch: https://mirror.example/simple/packaging/\n  cause: error sending request for url (https://mirror.example/simple/packaging/)\n  cause: dns error\n  cause: failed to lookup address information: Temporary failure in name resolution",
      {
        where: "https://mirror.example",
        why: "failed to lookup address information: Temporary failure in name resolution",
      },
    ],
    ["uv", "error: hash mismatch for packaging", undefined],
    [
      "uv",
      "error: Failed to fetch: `https://mirror.example/simple/packaging/`\n  Caused by: HTTP status client error (401 Unauthorized) for url (https://mirror.example/simple/packaging/)",
      undefined,
    ],
  ])("%s: %j", (fetcher, printed, unreachable) => {
    expect(findUnreachable(fetcher, printed.split("\n"))).toEqual(unreachable);
  });

  it("is told with the variable of a mirror and without a password", () => {
    const unreachable = { where: "https://me:hunter2@mirror.example", why: "connection refused" };
    expect(describeUnreachable("uv", unreachable, { what: "It failed", file: "a.lock" })).toMatchObject({
      code: "registry-unreachable",
      what: "It failed: https://…@mirror.example does not answer",
      got: "connection refused",
      fix: expect.stringContaining("UV_DEFAULT_INDEX names a mirror"),
    });
  });
});

it("a real pip that reaches nobody gives up soon, and says where it asked", async () => {
  await using folder = await makeFolder();
  const { path } = await findPython();
  const address = `http://me:hunter2@127.0.0.1:${await findFreePort()}/simple`;
  const environment = {
    PATH: dirname(path),
    HOME: folder.path,
    STEWARD_CACHE: `${folder.path}/cache`,
    PIP_INDEX_URL: address,
    PIP_RETRIES: "1",
  };
  await expect(ensureTools(["uv"], { environment })).rejects.toThrow(
    new RegExp(`could not be installed: ${address.replace("me:hunter2", "…")} does not answer.*PIP_INDEX_URL`),
  );
});
