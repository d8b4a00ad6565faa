import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { divideConnections } from "../../framework/http/connection-taker.ts";

describe("a connection whose protocol is not told yet", () => {
  it("is closed when its beginning takes too long, however often a byte of it comes", async () => {
    const http = createServer();
    const taker = { begin: Buffer.from("A".repeat(1_000)), take: () => {}, close: async () => {} };
    const divided = divideConnections(http, { takers: [taker], beginMilliseconds: 100 });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const address = http.address();
    const socket = connect(typeof address === "object" && address ? address.port : 0, "127.0.0.1");
    // Whether it is told by a reset is a matter of what was still under way.
    socket.on("error", () => {});
    let sent = 0;
    const drip = setInterval(() => {
      socket.write("A");
      sent++;
    }, 20);
    await new Promise((resolve) => socket.once("close", resolve));
    clearInterval(drip);
    expect(sent).toBeLessThan(900);
    await divided.close(0);
    http.close();
    await once(http, "close");
  });
});
