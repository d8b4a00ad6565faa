import { once } from "node:events";
import { createServer } from "node:http";
import { expect, it } from "vitest";
import { checkRegistry } from "../../../framework/cli/doctor/registries.ts";
import { findFreePort } from "../../support/minio.ts";

it("answers when it says anything, and its password stays out", async ({ onTestFinished }) => {
  const server = createServer((_, response) => response.writeHead(403).end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const place = server.address();
  const address = `http://me:hunter2@127.0.0.1:${typeof place === "object" ? place?.port : ""}/simple,direct`;
  const finding = await checkRegistry({ what: "go", mirror: "GOPROXY", address });
  expect(finding).toMatchObject({
    verdict: "ok",
    detail: expect.stringMatching(/^http:\/\/…@127\.0\.0\.1:\d+\/simple answers$/),
  });
});

it("that nobody is behind is a warning with the variable of a mirror", async () => {
  const address = `http://127.0.0.1:${await findFreePort()}`;
  const finding = await checkRegistry({ what: "pip, uv", mirror: "PIP_INDEX_URL", address });
  expect(finding).toMatchObject({
    verdict: "warning",
    detail: `${address} does not answer: ECONNREFUSED; PIP_INDEX_URL names a mirror`,
  });
});
