// What later fetches, in one piece.
import { learnIcons } from "../ui/Icon.tsx";
import { iconsLater } from "../ui/iconslater.ts";

export { mentionsIn } from "../text/mentions.ts";
export { Menus, showMenu } from "../ui/Menu.tsx";
export { Actions } from "./Actions.tsx";
export { Announced } from "./Announced.tsx";
export { Banner } from "./Banner.tsx";
export { ChosenBar, toggleChosen } from "./ChosenBar.tsx";
export { choices } from "./choices.ts";
export { Find } from "./Find.tsx";
export { Downloads } from "./files/Downloads.tsx";
export { FileBody } from "./files/FileBody.tsx";
export { Pending } from "./files/Pending.tsx";
export { Plate } from "./files/Plate.tsx";
export { PreviewCard } from "./files/PreviewCard.tsx";
export { save } from "./files/save.ts";
export { begin as sendFiles } from "./files/transfers.ts";
export { Veil } from "./files/Veil.tsx";
export { Viewer } from "./files/Viewer.tsx";
export { LostSheet } from "./LostSheet.tsx";
export { listenOrder } from "./listorder.ts";
export { Members } from "./Members.tsx";
export { Mentions } from "./Mentions.tsx";
export { Noted } from "./Noted.tsx";
export { NoticeBar } from "./NoticeBar.tsx";
export { People } from "./People.tsx";
export { Prose } from "./Prose.tsx";
export { QuoteBar } from "./QuoteBar.tsx";
export { Reactions } from "./Reactions.tsx";
export { ReactPop } from "./ReactPop.tsx";
export { Replaced } from "./Replaced.tsx";
export { showRoomMenu, toggleMute } from "./roomchoices.ts";
export { Search } from "./Search.tsx";
export { SelectBar } from "./SelectBar.tsx";
export { Sheets } from "./Sheets.tsx";

learnIcons(iconsLater);
