/**
 * The page of an example: the comment at the head of its project file, then its files. Pure.
 * @module
 */
import { generated } from "./generated.ts";

/** An example's files. */
export interface Example {
  /** The folder's name: `flights`. */
  readonly name: string;
  readonly project: string;
  readonly trainer: string;
}

/** Renders the page of an example. @throws Error when its project file begins with no comment */
export function renderExample({ name, project, trainer }: Example): string {
  const head = /^\/\*\*\n([\s\S]*?)\n? \*\/\n/.exec(project);
  if (!head?.[1]) throw new Error(`examples/${name}/project.ts begins with no comment`);
  const comment = head[1]
    .split("\n")
    .map((line) => line.replace(/^ \* ?/, ""))
    .filter((line) => line !== "@module")
    .join("\n")
    .trim();
  const code = project.slice(head[0].length).replace("../../framework/index.ts", "steward").trim();
  const parts = [
    generated(`examples/${name}/`),
    `# ${name}`,
    comment,
    `## project.ts`,
    `\`\`\`ts\n${code}\n\`\`\``,
    `## train.py`,
    `\`\`\`python\n${trainer.trim()}\n\`\`\``,
  ];
  return `${parts.join("\n\n")}\n`;
}
