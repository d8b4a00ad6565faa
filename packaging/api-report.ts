/**
 * The API report: all that an importer of the package can see, in one file that is committed, so that a change of it is seen in
 * review. `npm run api` writes it; a test holds it against the present package.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { buildPackage } from "./build.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const reportName = "steward.api.md";

/** What the extractor would have said of missing release tags and the like; the language's documentation has a test of its own. */
const silent = { default: { logLevel: ExtractorLogLevel.None } };

export interface ApiReport {
  /** The report's file, absolute. */
  readonly path: string;
  /** Whether it differed from what the package gives. */
  readonly changed: boolean;
}

/**
 * Compares the report of a built package's main entry with the committed one.
 *
 * @param folder the built package, absolute
 * @param write whether the committed report is brought up to date
 * @throws Error when the declarations cannot be read
 */
export function reportApi(folder: string, { write }: { readonly write: boolean }): ApiReport {
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, "package.json"),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, "framework/index.d.ts"),
      compiler: {
        overrideTsconfig: {
          compilerOptions: { module: "nodenext", target: "esnext", strict: true, skipLibCheck: true, types: [] },
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: reportName,
        reportFolder: join(root, "packaging"),
        reportTempFolder: join(root, "dist", "api"),
        includeForgottenExports: true,
      },
      newlineKind: "lf",
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent, compilerMessageReporting: silent },
    },
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: write,
    // The extractor speaks on the console, of which nobody asks.
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  return { path: join(root, "packaging", reportName), changed: apiReportChanged };
}

if (import.meta.main) reportApi(await buildPackage(), { write: true });
