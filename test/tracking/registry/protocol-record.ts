/**
 * Makes the calls of a list to a server, and says what it answers in a form in which two servers can be compared.
 * @module
 */
import { type ProtocolCall, protocolCalls } from "./protocol-calls.ts";

export interface RecordedAnswer {
  readonly title: string;
  readonly status: number;
  readonly body: unknown;
}

/** Makes all calls, one after the other. @param base where the server listens */
export async function recordProtocol(base: string): Promise<RecordedAnswer[]> {
  const answers: RecordedAnswer[] = [];
  let model = "";
  for (const call of protocolCalls) {
    const { status, text } = await ask(base, call, model);
    if (answers.length === 0) model = /"model_id": *"(m-[0-9a-f]{32})"/.exec(text)?.[1] ?? "";
    const same = text.replaceAll(model || "\u0000", "{model}");
    answers.push({ title: call.title, status, body: JSON.parse(same, hideChance) });
  }
  return answers;
}

async function ask(base: string, call: ProtocolCall, model: string): Promise<{ status: number; text: string }> {
  const filled = JSON.parse(JSON.stringify(call.input ?? {}).replaceAll("{model}", model)) as Record<string, string>;
  const url = new URL(`${base}/api/2.0/mlflow/${call.path.replace("{model}", model)}`);
  if (call.method === "GET") for (const [key, value] of Object.entries(filled)) url.searchParams.set(key, value);
  const response = await fetch(url, {
    method: call.method,
    ...(call.method !== "GET" && { headers: { "content-type": "application/json" }, body: JSON.stringify(filled) }),
  });
  return { status: response.status, text: await response.text() };
}

/** Times differ, and so do tokens, which say what only their server reads. */
function hideChance(this: unknown, key: string, value: unknown): unknown {
  if (key === "next_page_token") return "a token";
  return key.includes("timestamp") && typeof value === "number" && value > 1e12 ? "a time" : value;
}
