/**
 * The templates of a model's callers, the one that fitted last first.
 * @module
 */

import type { ScannedRows } from "../infer.ts";
import type { InferenceRequest } from "../inference-request.ts";
import { learnTemplate, type RequestTemplate, type ScannedRequest, type TemplateInputs } from "./request-template.ts";

/** How many are kept: as many kinds of callers as there may reasonably be. */
const most = 8;
/** After so many bodies that taught nothing, no more is learned. */
const mostVain = 1_000;

/** What a body holds. */
export type ScannedBody = ScannedRows & Pick<ScannedRequest, "places">;

export class RequestTemplates {
  #templates: readonly RequestTemplate[] = [];
  #vain = 0;

  /**
   * Reads a body by the templates.
   * @param locates whether it is told where the values stand
   * @default undefined where it fits none
   */
  scan(body: Buffer, locates = false): ScannedBody | undefined {
    for (const template of this.#templates) {
      const scanned = template.scan(body, locates);
      if (!scanned) continue;
      if (template !== this.#templates[0]) this.#putFirst(template);
      const { rows, outputs } = template;
      const { id, values, places } = scanned;
      return id === undefined ? { values, places, rows, outputs } : { id, values, places, rows, outputs };
    }
    return undefined;
  }

  /** Learns from a body that was read as a whole, what was found in it having been answered. */
  learn(
    body: Buffer,
    { request, inputs }: { readonly request: InferenceRequest; readonly inputs: TemplateInputs },
  ): void {
    if (this.#vain > mostVain) return;
    const template = learnTemplate(body, request, inputs);
    if (template) this.#putFirst(template);
    else this.#vain++;
  }

  #putFirst(template: RequestTemplate): void {
    this.#templates = [template, ...this.#templates.filter((other) => other !== template)].slice(0, most);
  }
}
