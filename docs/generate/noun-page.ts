/**
 * The page of a noun, from its declarations. Pure.
 * @module
 */
import type { Declaration, Member } from "./declaration.ts";
import { generated } from "./generated.ts";
import { type Noun, nouns, pagesOfTypes, titles } from "./noun.ts";

/** What a page is made from. */
export interface Language {
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** The names that `steward` exports. */
  readonly exported: ReadonlySet<string>;
}

/** Renders the page of a noun. @throws Error when a declaration that it shows does not exist */
export function renderNoun(noun: Noun, language: Language): string {
  const parts = [
    generated("the doc comments of framework/definitions/"),
    `# ${noun.title}`,
    ...renderHead(noun, language),
    ...renderSections(noun, language),
    `Next: ${nouns
      .filter((other) => other !== noun)
      .map(({ name, title }) => `[${title.toLowerCase()}](${name}.md)`)
      .join(", ")}.`,
  ];
  // Doc comments name pages by their paths.
  return `${parts.join("\n\n").replace(/(?<!\()docs\/([\w-]+\.md)/g, "[docs/$1](../$1)")}\n`;
}

function find(name: string, { declarations }: Language): Declaration {
  const found = declarations.get(name);
  if (!found) throw new Error(`no documented export "${name}" in the sources of docs/generate/noun.ts`);
  return found;
}

function renderHead({ name: page, about }: Noun, language: Language): string[] {
  if ("text" in about) return [about.text];
  const { text, example = "", name, parameters, described } = find(about.declaration, language);
  return [
    text,
    renderProgram(example, { page, exported: language.exported }),
    `## ${name}(${parameters.join(", ")})`,
    ...describeParameters(described),
  ];
}

/** The nouns whose examples build on one another, in their order. */
const chain = nouns.filter(({ about }) => "declaration" in about).map(({ name }) => name);

/** An example as a program: with its imports, going on from the example of the noun before. */
function renderProgram(example: string, { page, exported }: { page: string; exported: ReadonlySet<string> }): string {
  const words = new Set(example.match(/(?<![\w.])[a-zA-Z]\w*(?=[(.,\]])/g) ?? []);
  const used = [...exported].filter((name) => words.has(name)).sort((a, b) => a.localeCompare(b, "en"));
  const imports = [
    `import { ${used.join(", ")} } from "steward";`,
    ...(words.has("z") ? ['import { z } from "zod";'] : []),
  ];
  const before = chain[chain.indexOf(page) - 1];
  return fence(before ? `ts continue=${before}.md` : "ts", `${imports.join("\n")}\n\n${example}`);
}

function fence(info: string, code: string): string {
  return `\`\`\`${info}\n${code}\n\`\`\``;
}

/** What a builder or a constant gives: of these the methods are shown, for nobody writes the fields. */
const values: ReadonlySet<string> = new Set(["Features", "Metric", "WholeGate"]);

/** The constants as one list, and everything else as a section. */
function renderSections(noun: Noun, language: Language): string[] {
  const all = noun.shows.map((name) => find(name, language));
  const constants = all.filter(({ kind }) => kind === "constant");
  const list = constants.map(({ name, text }) => `- \`${name}\`: ${text}`).join("\n");
  const sections = all.filter(({ kind }) => kind !== "constant").map((one) => renderSection(one, noun));
  return [...(list ? [list] : []), ...sections];
}

function renderSection(declaration: Declaration, noun: Noun): string {
  const { name, kind, text, parameters, described, example, members } = declaration;
  const title = kind === "function" ? `${name}(${parameters.join(", ")})` : (titles[name] ?? name);
  const parts = [
    `## ${title}`,
    ...(title === "Options" || values.has(name) ? [] : [text]),
    ...describeParameters(described),
    ...(kind === "function" && example ? [`For example ${code(example)}`] : []),
    ...members.filter(({ kind }) => kind === "method" || !values.has(name)).map((one) => renderMember(one, noun)),
  ];
  return parts.join("\n\n");
}

function describeParameters(described: Declaration["described"]): string[] {
  const list = described.map(({ name, text }) => `- \`${name}\`: ${text}`).join("\n");
  return list ? [list] : [];
}

function renderMember(member: Member, noun: Noun): string {
  const { name, kind, parameters, text, fallback, example, optional } = member;
  const title = kind === "method" ? `${name}(${parameters.join(", ")})` : name;
  const facts = [
    ...(kind === "field" && !optional ? ["Required."] : []),
    ...(fallback ? [`Default: ${sayDefault(fallback)}`] : []),
    ...(example ? [`For example ${code(example)}`] : []),
    ...linkTypes(member, noun),
  ];
  return [`### ${title}`, text, ...(facts.length > 0 ? [facts.map((fact) => `- ${fact}`).join("\n")] : [])].join(
    "\n\n",
  );
}

/** Where the parts of a field are explained. */
function linkTypes({ types }: Member, { name: page, shows }: Noun): string[] {
  const links = types.flatMap((type) => {
    const title = titles[type] ?? type;
    if (shows.includes(type)) return [`[${title}](#${toAnchor(title)})`];
    const target = pagesOfTypes[type];
    return target === undefined || target === `${page}.md` ? [] : [`[${nameOf(target)}](${target})`];
  });
  return links.length > 0 ? [`See ${[...new Set(links)].join(", ")}`] : [];
}

function nameOf(page: string): string {
  return nouns.find(({ name }) => `${name}.md` === page)?.title ?? page;
}

/** The anchor that a heading has on the pages of forges. */
function toAnchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}

/** `[] — by time alone` and `as the definition says` alike: code first, words after the dash. */
function sayDefault(text: string): string {
  const [value = "", ...words] = text.split(" — ");
  const isCode = /^(["'[{\d]|true|false|z\.|\w+\()/.test(value);
  const shown = isCode ? code(value) : value;
  return words.length > 0 ? `${shown}, ${words.join(" ")}` : shown;
}

/** Code in a line, on one line. */
function code(text: string): string {
  return `\`${text.replace(/\s*\n\s*/g, " ")}\``;
}
