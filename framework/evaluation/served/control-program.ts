/**
 * The program that answers without a model: what a test of latency holds a model server against, on the same machine in the same
 * moments. It reads each request to its end and answers with the same few bytes.
 *
 * `control-program.ts` writes `{"port":40123}` on stdout when it listens.
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:http";

const answer = JSON.stringify({ outputs: [{ name: "probability", datatype: "FP64", shape: [1], data: [0.5] }] });

const server = createServer((request, response) => {
  request.resume().once("end", () => {
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(answer) });
    response.end(answer);
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
process.stdout.write(`${JSON.stringify({ port: typeof address === "object" ? address?.port : undefined })}\n`);
