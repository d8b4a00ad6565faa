/**
 * The segments of a folder as what is shipped: all but the one that is written.
 * @module
 */
import { open, rm, stat } from "node:fs/promises";
import type { RecordLog } from "./record-log.ts";
import { listSegments } from "./segment-target.ts";
import type { ClosedSegment, SegmentSource, UnshippedRecords } from "./shipper.ts";

export interface FolderSourceOptions {
  /** The log that writes there. */
  readonly log: Pick<RecordLog, "roll" | "next">;
  readonly folder: string;
  readonly stream: string;
  readonly replica: string;
}

export class FolderSource implements SegmentSource {
  readonly #options: FolderSourceOptions;

  constructor(options: FolderSourceOptions) {
    this.#options = options;
  }

  async listClosed(): Promise<readonly ClosedSegment[]> {
    const { log, replica } = this.#options;
    // A disk that is full now still has segments that can go.
    await log.roll().catch(() => undefined);
    const closed = (await listSegments(this.#options)).slice(0, -1);
    return closed.map(({ path }) => ({ path, replica, remove: () => rm(path, { force: true }) }));
  }

  async measure(): Promise<UnshippedRecords> {
    const segments = await listSegments(this.#options);
    const sizes = await Promise.all(
      segments.map(({ path }) =>
        stat(path).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    const { next } = this.#options.log;
    const [oldest] = segments;
    const records = Math.max(0, next - (oldest?.first ?? next));
    const begun = oldest && records > 0 ? await readFirstTime(oldest.path) : undefined;
    return {
      records,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      oldestSeconds: begun === undefined ? 0 : Math.max(0, (Date.now() - begun) / 1000),
    };
  }
}

/** As much of a segment has its first record's time in it. */
const beginningBytes = 4096;

/** When the first record of a segment was written, in milliseconds since 1970. @default nothing where it says no time */
async function readFirstTime(path: string): Promise<number | undefined> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(beginningBytes), 0, beginningBytes, 0);
      const [, time] = /"time":"([^"]+)"/.exec(buffer.toString("latin1", 0, bytesRead)) ?? [];
      const moment = Date.parse(time ?? "");
      return Number.isNaN(moment) ? undefined : moment;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
