// The state of the program and the actions of the person. It knows no DOM, no socket and no storage:
// main hands those in as Parts.
export type * from "./face.ts";
