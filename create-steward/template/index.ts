// The Pulumi program: the platform, and on it what project.ts declares. Resources of your own can stand beside it.
export { endpoints, intake, intakeToken, status, temporalUi } from "steward/stack";
