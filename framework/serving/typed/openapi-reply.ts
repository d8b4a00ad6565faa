/**
 * `GET /<endpoint>/openapi.json`: what callers may ask and are answered now, as an OpenAPI document.
 * @module
 */
import { describeOpenApi } from "../../client/openapi.ts";
import { describeSubject } from "../../client/subject.ts";
import type { Reply } from "../../http/answering-server.ts";
import type { ServingTools } from "../serving-tools.ts";
import { toRefusal } from "./predict.ts";

/** The document of the versions that answer. @throws Refusal 503 while there is none */
export async function replyOpenApi({
  endpoint,
  model,
  feedback,
  pii,
  models,
}: Pick<ServingTools, "endpoint" | "model" | "feedback" | "pii" | "models">): Promise<Reply> {
  // Whichever variant it is: callers of all of them ask and are answered alike.
  const chosen = await models.take({ unit: undefined, id: endpoint }).catch((error: unknown) => {
    throw toRefusal(error);
  });
  const { variant, shape, answer } = chosen.model;
  await variant.live.release();
  const takes = { hasFeedback: feedback !== undefined, hasSubject: pii?.label === "encrypt" };
  const subject = describeSubject({ endpoint, model, ...takes, shape, answer });
  return { status: 200, body: describeOpenApi(subject) };
}
