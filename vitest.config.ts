import { defineConfig } from "vitest/config";

/** One project per budget of time: `npm test` runs all, `npx vitest --project unit` one. */
export default defineConfig({
  test: {
    setupFiles: ["test/support/fail-on-console.ts"],
    globalSetup: ["test/support/run-folder.ts"],
    // What is waited for comes from processes and disks: how long they take on a busy machine says nothing of them.
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["**/*.{real,long,wheels}.test.ts", "test/provider/cli/**", "test/e2e/**", "test/campaigns/**"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // Many of them wait for processes of their own: one file more than there are cores keeps the cores at work.
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: "provider",
          include: ["test/provider/cli/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          // What a unit test would be but for the real engine or the real data it takes, and the time of that.
          include: ["test/e2e/*.test.ts", "test/**/*.real.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // They wait for servers and timers for half of their time.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e-long",
          include: ["test/e2e/long/*.test.ts", "test/**/*.long.test.ts"],
          testTimeout: 1_800_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          // What installs gigabytes of packages: run by name alone, by nothing else.
          name: "e2e-wheels",
          include: ["test/**/*.wheels.test.ts"],
          testTimeout: 3_600_000,
          hookTimeout: 3_600_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "campaigns",
          include: ["test/campaigns/**/*.test.ts"],
          testTimeout: 3_600_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
