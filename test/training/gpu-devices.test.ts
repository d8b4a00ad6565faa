import { describe, expect, it, vi } from "vitest";
import { chooseFitting, findShortage, listGpus, readGpus } from "../../framework/training/gpu-devices.ts";
import { failure } from "../support/failure.ts";
import { fakeDevices, printDevices, useFakeGpus, useFakeNvidiaSmi } from "../support/fake-gpus.ts";

const h100 = "NVIDIA H100 80GB HBM3";
const uuid = "GPU-5f1c2a9e-1b2c-3d4e-5f60-718293a4b5c6";

describe("what nvidia-smi prints", () => {
  it("is a device for each line, in the order of the driver", () => {
    const devices = fakeDevices(h100, "Tesla T4, of a lab");
    expect(readGpus(printDevices(devices.toReversed()))).toEqual(devices);
  });

  it("may say no memory, where that is the machine's own", () => {
    expect(readGpus(`0, ${uuid}, NVIDIA GB10, [N/A]\n`)).toEqual([{ index: 0, uuid, name: "NVIDIA GB10" }]);
  });

  it.each(["", "\n", "No devices were found\n"])("is no device as %j", (printed) => {
    expect(readGpus(printed)).toEqual([]);
  });

  it.each<[name: string, printed: string, got: string]>([
    ["words", "Hello\n", "Hello"],
    ["another table", `0, ${uuid}\n`, `0, ${uuid}`],
    ["a device without a name", `0, ${uuid}, , 80\n`, `0, ${uuid}, , 80`],
    ["a part of a device", "0, MIG-5f1c2a9e-1b2c, NVIDIA A100, 80\n", "0, MIG-5f1c2a9e-1b2c, NVIDIA A100, 80"],
    [
      "a line amid devices",
      `0, ${uuid}, NVIDIA T4, 15360\nWARNING: infoROM is corrupted\n`,
      "WARNING: infoROM is corrupted",
    ],
    ["a device twice", `0, ${uuid}, NVIDIA T4, 15360\n1, ${uuid}, NVIDIA T4, 15360\n`, uuid],
    ["very much", "x".repeat(10_000), `${"x".repeat(300)}…`],
  ])("that is %s is a problem", (_name, printed, got) => {
    expect(() => readGpus(printed)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ code: "gpu-unreadable", got })] }),
    );
  });
});

describe("the GPUs of a machine", () => {
  it("are those that nvidia-smi lists", async () => {
    const { devices, listTold } = useFakeGpus(h100, h100);
    expect(await listGpus()).toEqual(devices);
    expect(devices).toHaveLength(2);
    expect(listTold()).toEqual(["--query-gpu=index,uuid,name,memory.total --format=csv,noheader,nounits"]);
  });

  it("are none where there is no nvidia-smi", async () => {
    vi.stubEnv("PATH", "/nowhere");
    const found = await listGpus().finally(() => vi.unstubAllEnvs());
    expect(found).toEqual([]);
  });

  it("are none where the driver has no device", async () => {
    useFakeNvidiaSmi("echo 'No devices were found'; exit 6");
    expect(await listGpus()).toEqual([]);
  });

  it.each<[name: string, script: string, got: RegExp]>([
    [
      "fails",
      'echo "NVIDIA-SMI has failed because it couldn\'t communicate with the NVIDIA driver"; exit 9',
      /communicate with/,
    ],
    ["prints something else", "echo usage", /^usage$/],
    ["ends without a word", "exit 3", /nvidia-smi/],
  ])("are not known where nvidia-smi %s", async (_name, script, got) => {
    useFakeNvidiaSmi(script);
    const { problems } = await failure(listGpus());
    expect(problems).toEqual([expect.objectContaining({ code: "gpu-unreadable", got: expect.stringMatching(got) })]);
  });

  it("are not known where nvidia-smi does not answer in time", async () => {
    useFakeNvidiaSmi("exec sleep 30");
    const { problems } = await failure(listGpus({ seconds: 0.3 }));
    expect(problems).toEqual([expect.objectContaining({ code: "gpu-unreadable", got: "no answer in 0.3 s" })]);
  });

  it("are asked for no longer than somebody wants to know", async () => {
    useFakeNvidiaSmi("exec sleep 30");
    const leaving = new AbortController();
    const listed = listGpus({ signal: leaving.signal });
    leaving.abort(new Error("no longer wanted"));
    await expect(listed).rejects.toThrow("no longer wanted");
  });
});

describe("what a job asks for", () => {
  const devices = fakeDevices(h100, "NVIDIA A100-SXM4-40GB", "NVIDIA GeForce RTX 4090");

  it.each<[type: string | undefined, fitting: readonly number[]]>([
    [undefined, [0, 1, 2]],
    ["h100", [0]],
    ["NVIDIA-H100", [0]],
    ["a100", [1]],
    ["a10", []],
    ["rtx 4090", [2]],
    ["4090 rtx", [2]],
    ["nvidia", [0, 1, 2]],
    ["h200", []],
  ])("of type %s is found by the words of the name", (type, fitting) => {
    expect(chooseFitting(devices, { count: 1, type }).map(({ index }) => index)).toEqual(fitting);
  });

  it.each<[name: string, asked: { readonly count: number; readonly type?: string }, at: string, got: string]>([
    [
      "more than there are",
      { count: 4 },
      "count",
      `a machine with 1 × ${h100}, 1 × NVIDIA A100-SXM4-40GB, 1 × NVIDIA GeForce RTX 4090`,
    ],
    ["more than there are of a type", { count: 2, type: "h100" }, "type", `a machine with 1 × ${h100}`],
  ])("and is %s is a problem of its place", (_name, asked, at, got) => {
    const shortage = findShortage("late-training", asked, devices);
    expect(shortage).toMatchObject({ code: "gpu-unavailable", at: `late-training.resources.gpu.${at}` });
    expect(shortage?.got).toContain(got);
  });

  it("and is there is no problem", () => {
    expect(findShortage("late-training", { count: 3 }, devices)).toBeUndefined();
    expect(findShortage("late-training", { count: 1, type: "A100" }, devices)).toBeUndefined();
  });

  it("of a machine without a GPU is a problem that says so", () => {
    expect(findShortage("late-training", { count: 1, type: "h100" }, [])).toMatchObject({
      at: "late-training.resources.gpu.count",
      got: "a machine without a GPU",
      expected: 'at least 1 GPU of type "h100"',
    });
  });
});
