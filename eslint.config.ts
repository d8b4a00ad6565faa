import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const everywhere = ["components", "stacks", "workflows", "examples", "test"];

function refusal(group: string[], message: string): ["error", object] {
  return ["error", { patterns: [{ group, message }] }];
}

/** Refuses imports of folders that are not below. */
function restrict(folder: string, refused: readonly string[], message: string) {
  const group = refused.map((name) => `**/${name}/**`);
  return {
    files: [`${folder}/**/*.ts`],
    rules: { "no-restricted-imports": refusal(group, message) },
  };
}

export default defineConfig(
  { ignores: ["node_modules/**", "dist/**", "test/histories/**", ".steward/**"] },
  {
    files: ["**/*.ts"],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { arguments: false } }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-deprecated": "error",
      "max-params": ["error", { max: 3 }],
    },
  },
  // Rows of test tables come as positional parameters.
  { files: ["test/**/*.ts"], rules: { "max-params": "off" } },
  restrict("framework", everywhere, "framework/ stands below components/, stacks/ and workflows/"),
  {
    files: ["framework/definitions/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^\\.\\./", message: "framework/definitions/ stands on nothing" }] },
      ],
    },
  },
  {
    files: ["framework/plan/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex:
                "^\\.\\./(?!definitions/|engine/(desired|entity-names|entity-status|messages)\\.ts$|store/reference\\.ts$)",
              message: "framework/plan/ stands on framework/definitions/ and the contracts of messages and references",
            },
            { regex: "^node:(?!crypto$)", message: "plans are pure" },
          ],
        },
      ],
    },
  },
  restrict("components", ["stacks", "workflows", "examples", "test"], "components/ stands on framework/ alone"),
  restrict("workflows", ["components", "stacks", "examples", "test"], "workflows/ stands on framework/ alone"),
  restrict("stacks", ["examples", "test"], "a stack names its project in its settings"),
  {
    files: [
      "workflows/*/workflow.ts",
      "workflows/entity/*.ts",
      "workflows/model/decisions.ts",
      "workflows/activity-options.ts",
    ],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["node:*"], message: "workflow code has no Node: it is replayed" },
            {
              group: ["**/plan/*", "!**/plan/candidate.ts", "!**/plan/canonical.ts"],
              message: "of plans, workflows have candidate.ts and canonical.ts, which need no Node",
            },
            {
              group: ["@temporalio/client", "@temporalio/worker", "@temporalio/activity"],
              message: "workflow code has @temporalio/workflow and common alone",
            },
            {
              group: ["**/activities.ts", "**/activity-tools.ts"],
              message: "workflows know activities by type alone",
              allowTypeImports: true,
            },
          ],
        },
      ],
    },
  },
);
