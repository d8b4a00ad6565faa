import { describe, expect, it } from "vitest";
import { renderMessages } from "../../docs/generate/messages.ts";

const catalogue = {
  "name-clash": { means: "A name is taken.", fix: "rename it with npx steward rename <name>" },
  "name-invalid": { means: "A name is none.", fix: "choose another" },
};
const first = '✖ "a" is taken — rename it\n  → at a (project.ts:3) [name-clash]';
const log = [
  { name: "two at once", printed: ["✖ of another — mend it", "  → [other]", ...first.split("\n")] },
  { name: "a later one", printed: ['✖ "b" is taken — rename it', "  → at b (project.ts:4) [name-clash]"] },
];

describe("the page of messages", () => {
  const page = renderMessages(catalogue, { log });
  const sections = page.split("\n## ");

  it("has a section for every code, in the order of the catalogue", () => {
    expect(sections.slice(1).map((section) => section.split("\n")[0])).toEqual(["name-clash", "name-invalid"]);
  });

  it("says what a code means, what to do, and the first message that was printed with it", () => {
    expect(sections[1]).toBe(
      `name-clash\n\nA name is taken.\n\nWhat to do: rename it with npx steward rename \\<name>.\n\n\`\`\`text\n${first}\n\`\`\`\n`,
    );
  });

  it("shows no message where none was printed", () => {
    expect(sections[2]).toBe("name-invalid\n\nA name is none.\n\nWhat to do: choose another.\n");
  });
});
