/**
 * Printing the progress of tools: a line that lives on a terminal, a line at start and end elsewhere.
 * @module
 */
import {
  describeEnd,
  describeStep,
  type GoingStep,
  type LastStep,
  labelTool,
  type NamedTool,
  type ToolReporter,
} from "./progress.ts";

/** What a reporter prints to: a standard stream of the process, or a stand-in. */
export interface ProgressOutput {
  write(text: string): unknown;
  /** @default false: not a terminal */
  readonly isTTY?: boolean;
  /** The width of the terminal. @default 80 */
  readonly columns?: number;
}

const frames = ["◐", "◓", "◑", "◒"];
const frameMilliseconds = 250;
const clearLine = "\r\u001b[2K";

/** Creates the reporter that suits the output. */
export function createReporter(output: ProgressOutput, now: () => number = () => performance.now()): ToolReporter {
  let began: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  return (tool, step) => {
    began ??= now();
    const start = began;
    const elapsed = () => (now() - start) / 1_000;
    clearInterval(timer);
    if (step.kind !== "working" && step.kind !== "waiting") {
      output.write(`${timer ? clearLine : ""}${endLine(tool, step, elapsed())}\n`);
      began = timer = undefined;
    } else if (output.isTTY) {
      const draw = () => {
        output.write(clearLine + liveLine(tool, step, { seconds: elapsed(), width: output.columns ?? 80 }));
      };
      draw();
      timer = setInterval(draw, frameMilliseconds);
    } else {
      output.write(`· ${labelTool(tool)}  ${describeStep(step)}\n`);
    }
  };
}

/** The line of a tool on its way, cut to the width: a line that wraps cannot be drawn over. */
export function liveLine(tool: NamedTool, step: GoingStep, at: { seconds: number; width: number }): string {
  const frame = frames[Math.floor((at.seconds * 1_000) / frameMilliseconds) % frames.length];
  return `${frame} ${labelTool(tool)}  ${describeStep(step, at.seconds)}`.slice(0, at.width - 1);
}

function endLine(tool: NamedTool, step: LastStep, seconds: number): string {
  return `${step.kind === "ready" ? "✔" : "✖"} ${labelTool(tool)}  ${describeEnd(step, seconds)}`;
}
