/**
 * The program of this repository's own stacks, as a team's `index.ts` is: what it exports are the stack's outputs.
 * @module
 */
import stack from "./index.ts";

export default stack;
