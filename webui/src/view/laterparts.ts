// What later fetches, in one piece.
export { Find } from "./Find.tsx";

export { FileBody } from "./files/FileBody.tsx";
export { Pending } from "./files/Pending.tsx";
export { Plate } from "./files/Plate.tsx";
export { begin as sendFiles } from "./files/transfers.ts";
export { Veil } from "./files/Veil.tsx";
export { Viewer } from "./files/Viewer.tsx";
export { Members } from "./Members.tsx";
export { People } from "./People.tsx";
export { Search } from "./Search.tsx";
export { Sheets } from "./Sheets.tsx";
