/**
 * What a server of one core can do at most: whatever comes on a connection is answered with the same bytes, unread.
 * @module
 */
import { createServer } from "node:net";

const id = "00000000-0000-4000-8000-000000000000";
const outputs = [{ name: "value", datatype: "FP64", shape: [1], data: [0.123_456_78] }];
const body = JSON.stringify({ model_name: "bench", model_version: "1", id, outputs });
const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
const reply = Buffer.from(head + body);

createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("data", () => void socket.write(reply));
  socket.on("error", () => socket.destroy());
}).listen(Number(process.env["PORT"]), "127.0.0.1");
