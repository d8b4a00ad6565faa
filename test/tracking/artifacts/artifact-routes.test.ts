import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { digestBytes } from "../../../framework/plan/digest.ts";
import { readArtefact } from "../../../framework/store/artefacts.ts";
import { badPaths } from "../bad-paths.ts";
import { useTracking } from "../tracking-stack.ts";

const given = useTracking();
const root = "/api/2.0/mlflow-artifacts/artifacts";

async function put(path: string, bytes: Buffer | string): Promise<number> {
  const headers = { "content-type": "application/octet-stream" };
  return (
    await fetch(`${given.url}${root}/${path}`, { method: "PUT", headers, body: new Uint8Array(Buffer.from(bytes)) })
  ).status;
}

async function get(path: string): Promise<{ status: number; bytes: Buffer; headers: Headers }> {
  const { status, headers, ...response } = await fetch(`${given.url}${root}/${path}`).then(async (answer) => ({
    status: answer.status,
    headers: answer.headers,
    bytes: Buffer.from(await answer.arrayBuffer()),
  }));
  return { status, headers, bytes: response.bytes };
}

/** Sends a request line as it is: `fetch` would tidy the path up. */
async function sendRaw(method: string, target: string): Promise<number> {
  const socket = connect(given.server.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]);
}

async function list(path: string): Promise<unknown> {
  return (await given.ask("GET", `${root}?path=${encodeURIComponent(path)}`)).body.files;
}

describe("artifacts", () => {
  it("are given back byte by byte, whatever they are, small and large, and are objects of the store", async () => {
    const large = randomBytes(700_000);
    for (const [name, bytes] of Object.entries({
      empty: Buffer.alloc(0),
      small: Buffer.from("\u0000<script>"),
      large,
    })) {
      expect(await put(`1/bytes/artifacts/${name}`, bytes)).toBe(200);
      const got = await get(`1/bytes/artifacts/${name}`);
      expect({ status: got.status, same: got.bytes.equals(bytes) }).toEqual({ status: 200, same: true });
      const digest = digestBytes(bytes);
      expect(await given.store.has(digest)).toBe(true);
      // What nothing in the store refers to would be collected.
      expect(await readArtefact(given.store, `tracking/artifacts/${digest}`)).toBe(digest);
    }
  });

  it("are pages for no browser", async () => {
    await put("1/page/artifacts/a.html", "<script>alert(1)</script>");
    const { headers } = await get("1/page/artifacts/a.html");
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("content-disposition")).toBe("attachment");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("sandbox");
  });

  it("take the place of those that were there", async () => {
    await put("1/again/artifacts/a", "one");
    await put("1/again/artifacts/a", "two");
    expect((await get("1/again/artifacts/a")).bytes.toString()).toBe("two");
  });

  it("are listed folder by folder, below the path that is asked for", async () => {
    for (const path of ["b", "a/x", "a/y/z", "ab", "a-", "a 🜁/é"])
      await put(`1/list/artifacts/${encodeURI(path)}`, path);
    const file = (path: string, size: number) => ({ path, is_dir: false, file_size: size });
    const folder = (path: string) => ({ path, is_dir: true });
    expect(await list("1/list/artifacts")).toEqual([
      folder("a"),
      folder("a 🜁"),
      file("a-", 2),
      file("ab", 2),
      file("b", 1),
    ]);
    expect(await list("1/list/artifacts/a")).toEqual([file("x", 3), folder("y")]);
    expect(await list("1/list/artifacts/a 🜁")).toEqual([file("é", 9)]);
    expect(await list("1/list/artifacts/none")).toEqual([]);
    // By this a client tells a file from a folder.
    expect(await list("1/list/artifacts/b")).toEqual([]);
    expect(await list("1/list/art")).toEqual([]);
  });

  it("are files or folders, never both", async () => {
    await put("1/both/artifacts/a", "file");
    await put("1/both/artifacts/b/c", "file");
    expect([await put("1/both/artifacts/a/c", "x"), await put("1/both/artifacts/b", "x")]).toEqual([400, 400]);
  });

  it("are missing as clients rely on it: 404", async () => {
    const { status, body } = await given.ask("GET", `${root}/1/none/artifacts/a`);
    expect({ status, code: body.error_code }).toEqual({ status: 404, code: "RESOURCE_DOES_NOT_EXIST" });
  });

  it("go one by one or with their folder, and nothing beside it goes", async () => {
    for (const path of ["a/x", "a/y", "ab", "b"]) await put(`1/gone/artifacts/${path}`, "x");
    expect((await given.ask("DELETE", `${root}/1/gone/artifacts/a`, {})).status).toBe(200);
    expect((await given.ask("DELETE", `${root}/1/gone/artifacts/b`, {})).status).toBe(200);
    expect((await given.ask("DELETE", `${root}/1/gone/artifacts/none`, {})).status).toBe(200);
    expect(await list("1/gone/artifacts")).toEqual([{ path: "ab", is_dir: false, file_size: 1 }]);
  });

  it("are kept by nobody when they break off, and leave nothing on this machine", async () => {
    const folder = await mkdtemp(join(tmpdir(), "broken-"));
    vi.stubEnv("TMPDIR", folder);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true, force: true });
    });
    const socket = connect(given.server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(`PUT ${root}/1/broken/artifacts/a HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9000000\r\n\r\n`);
    socket.write(Buffer.alloc(400_000));
    await expect.poll(() => readdir(folder)).toEqual([expect.stringMatching(/^steward-artifact-/)]);
    socket.destroy();
    await expect.poll(() => readdir(folder)).toEqual([]);
    expect((await get("1/broken/artifacts/a")).status).toBe(404);
  });

  it("are sent as a whole: multipart uploads and signed downloads are refused in the words that clients know", async () => {
    for (const step of ["create", "complete", "abort"]) {
      const { status, body } = await given.ask("POST", `/api/2.0/mlflow-artifacts/mpu/${step}/1/a`, { path: "x" });
      expect({ status, ...body }).toEqual({
        status: 501,
        error_code: "NOT_IMPLEMENTED",
        message: "Multipart upload is not supported for the current artifact repository",
      });
    }
    expect((await given.ask("GET", "/api/2.0/mlflow-artifacts/presigned/1/a")).status).toBe(501);
  });
});

describe("no path leads out of its place", () => {
  it("sent encoded, to read, write, list and remove", async () => {
    await put("1/kept/artifacts/a", "kept");
    const answers: Record<string, readonly number[]> = {};
    // A text that is not well formed cannot be sent, and the empty one is the list's own path.
    const encoded = badPaths.filter((path) => path.isWellFormed() && path !== "");
    for (const path of encoded) {
      const target = `${root}/${encodeURIComponent(path)}`;
      const statuses = [await sendRaw("GET", target), await sendRaw("PUT", target), await sendRaw("DELETE", target)];
      answers[path] = [...statuses, (await given.ask("GET", `${root}?path=${encodeURIComponent(path)}`)).status];
    }
    expect(answers).toEqual(Object.fromEntries(encoded.map((path) => [path, [400, 400, 400, 400]])));
    expect((await get("1/kept/artifacts/a")).bytes.toString()).toBe("kept");
  });

  it("sent as it is", async () => {
    const paths = [
      "../../../etc/passwd",
      "..%2f..%2fetc/passwd",
      "%2e%2e/%2e%2e/etc/passwd",
      "%252e%252e/a",
      "1/%2e%2e/a",
      "/etc/passwd",
    ];
    for (const path of paths) {
      for (const method of ["GET", "PUT", "DELETE"])
        expect([path, await sendRaw(method, `${root}/${path}`)]).toEqual([path, 400]);
    }
  });

  it("lists the files of no run by another run's path", async () => {
    const { body } = await given.ask("POST", "/api/2.0/mlflow/runs/create", { experiment_id: "0" });
    const run = body.run.info.run_id;
    await put(`0/${run}/artifacts/model/a`, "x");
    const listed = async (path: string) =>
      given.ask("GET", `/api/2.0/mlflow/artifacts/list?run_id=${run}&path=${encodeURIComponent(path)}`);
    expect((await listed("model")).body).toEqual({
      root_uri: `mlflow-artifacts:/0/${run}/artifacts`,
      files: [{ path: "model/a", is_dir: false, file_size: 1 }],
    });
    for (const path of ["..", "../../other", "%2e%2e", "/etc"]) expect((await listed(path)).status).toBe(400);
  });
});

describe("artifacts of a sealed run", () => {
  it("that come or go later are amendments", async () => {
    const { body } = await given.ask("POST", "/api/2.0/mlflow/runs/create", { experiment_id: "0" });
    const run = body.run.info.run_id;
    await put(`0/${run}/artifacts/early`, "early");
    const { sql } = given.postgres;
    const amended = async () =>
      (await sql`SELECT what FROM tracking.amendments WHERE run_id = ${run} ORDER BY number`).map(({ what }) => what);
    expect(await amended()).toEqual([]);
    await sql`UPDATE tracking.runs SET seals = 1 WHERE run_id = ${run}`;
    await put(`0/${run}/artifacts/late`, "late");
    await given.ask("DELETE", `${root}/0/${run}/artifacts/early`, {});
    expect(await amended()).toEqual([
      { artifact: { path: "late", sha256: digestBytes("late") } },
      { artifact: { path: "early", removed: true } },
    ]);
  });
});
