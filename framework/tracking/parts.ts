/**
 * The parts of the tracking server: the tables and the routes of each area.
 * @module
 */
import { artifactRoutes } from "./artifacts/artifact-routes.ts";
import { artifactTables } from "./artifacts/artifact-tables.ts";
import { runArtifactRoutes } from "./artifacts/run-artifact-routes.ts";
import type { MigrationArea } from "./database.ts";
import { experimentRoutes } from "./experiments/experiment-routes.ts";
import { loggedModelRoutes } from "./logged-models/logged-model-routes.ts";
import { loggedModelTables } from "./logged-models/logged-model-tables.ts";
import { runModelRoutes } from "./logged-models/run-model-routes.ts";
import { loggedModelSearchRoutes } from "./logged-models/search-routes.ts";
import { aliasRoutes } from "./registry/alias-routes.ts";
import { modelVersionRoutes } from "./registry/model-version-routes.ts";
import { registeredModelRoutes } from "./registry/registered-model-routes.ts";
import { registryTables } from "./registry/registry-tables.ts";
import { registrySearchRoutes } from "./registry/search-routes.ts";
import type { Route } from "./route.ts";
import { loggingRoutes } from "./runs/logging-routes.ts";
import { runRoutes } from "./runs/run-routes.ts";
import { runArea } from "./runs/run-tables.ts";
import { recordTables } from "./seal/record-tables.ts";
import { serviceRoutes } from "./service-routes.ts";

/** In the order in which their tables refer to each other. */
export const trackingAreas: readonly MigrationArea[] = [
  runArea,
  artifactTables,
  loggedModelTables,
  registryTables,
  recordTables,
];

/** Models and their files. */
const modelRoutes: readonly Route[] = [
  ...artifactRoutes,
  ...runArtifactRoutes,
  ...loggedModelRoutes,
  ...loggedModelSearchRoutes,
  ...runModelRoutes,
  ...registeredModelRoutes,
  ...modelVersionRoutes,
  ...aliasRoutes,
  ...registrySearchRoutes,
];

export const trackingRoutes: readonly Route[] = [
  ...serviceRoutes,
  ...experimentRoutes,
  ...runRoutes,
  ...loggingRoutes,
  ...modelRoutes,
];
