#!/usr/bin/env node
import { run } from "./node24.js";

await run("framework/cli/main");
