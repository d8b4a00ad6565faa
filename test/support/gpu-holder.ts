/**
 * A process that takes GPUs of a lease and keeps them until its standard input ends or it is killed: its arguments are the lease's
 * folder, the devices as JSON, how many it takes, and the words of a program that it runs on them, if any. It prints `waits …`
 * where it has to wait, `holds <uuid> …`, and what the program prints.
 * @module
 */
import type { GpuDevice } from "../../framework/training/gpu-devices.ts";
import { createGpuLease } from "../../framework/training/gpu-lease.ts";
import { startProcess } from "../../framework/training/limited-process.ts";

const [folder = "", devices = "[]", count = "1", program, ...args] = process.argv.slice(2);
const known = JSON.parse(devices) as readonly GpuDevice[];
const lease = createGpuLease({ folder, list: async () => known });
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const lent = await lease.take("holder", { count: Number(count) }, { onWait: print });
const uuids = lent.devices.map(({ uuid }) => uuid);
print(`holds ${uuids.join(" ")}`);
if (program !== undefined) {
  const libraries = process.env["LD_LIBRARY_PATH"];
  const job = startProcess([program, ...args], {
    folder: process.cwd(),
    environment: {
      PATH: process.env["PATH"] ?? "",
      CUDA_VISIBLE_DEVICES: uuids.join(","),
      ...(libraries && { LD_LIBRARY_PATH: libraries }),
    },
    onLine: print,
  });
  // A program that ends by itself leaves nothing to hold for.
  void job.ended.then(({ how }) => {
    print(`ended with ${how}`);
    process.exit(1);
  });
}
process.stdin.on("end", () => {
  lent.release();
  print("gave back");
});
process.stdin.resume();
