// What later fetches, in one piece.
export { Members } from "./Members.tsx";
export { People } from "./People.tsx";
export { Sheets } from "./Sheets.tsx";
