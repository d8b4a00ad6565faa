import { describe, expect, it } from "vitest";
import { adoptPipSettings } from "../../framework/training/pip-index.ts";

describe("adoptPipSettings", () => {
  it.each([
    ["nothing", "", {}],
    ["settings that uv has no use for", ":env:.default-timeout='180'\nglobal.disable-pip-version-check='1'", {}],
    [
      "a mirror",
      "global.index-url='https://mirror.example/simple'",
      { UV_DEFAULT_INDEX: "https://mirror.example/simple" },
    ],
    [
      "more indexes, one a line",
      "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'",
      { UV_INDEX: "https://a.example https://b.example" },
    ],
    [
      "a section of install, which wins over global, and the environment, which wins over both",
      ":env:.cert='/env.pem'\nglobal.cert='/global.pem'\nglobal.index-url='https://g.example'\ninstall.index-url='https://i.example'",
      { UV_DEFAULT_INDEX: "https://i.example", SSL_CERT_FILE: "/env.pem" },
    ],
    ["a trusted host", "global.trusted-host='mirror.example'", { UV_INSECURE_HOST: "mirror.example" }],
  ])("adopts %s", (_, printed, expected) => {
    expect(adoptPipSettings(printed)).toEqual(expected);
  });
});
