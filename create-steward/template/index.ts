// The Pulumi program: the platform, and on it what project.ts declares. Resources of your own can stand beside it.
export { default } from "steward/stack";
