// What later fetches, in one piece.
export { Find } from "./Find.tsx";
export { Members } from "./Members.tsx";
export { People } from "./People.tsx";
export { Search } from "./Search.tsx";
export { Sheets } from "./Sheets.tsx";
