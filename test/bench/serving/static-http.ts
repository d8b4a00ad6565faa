/**
 * What a server of `node:http` can do at most: each request is read to its end and answered with the same bytes.
 * @module
 */
import { createServer } from "node:http";

const id = "00000000-0000-4000-8000-000000000000";
const outputs = [{ name: "value", datatype: "FP64", shape: [1], data: [0.123_456_78] }];
const body = JSON.stringify({ model_name: "bench", model_version: "1", id, outputs });
const headers = { "content-type": "application/json", "content-length": body.length };

createServer((request, response) => {
  request.resume().once("end", () => response.writeHead(200, headers).end(body));
}).listen(Number(process.env["PORT"]), "127.0.0.1");
