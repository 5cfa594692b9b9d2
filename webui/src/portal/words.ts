// What the script in an ERP page and our frame beside it say to each other. Neither a token nor a word of a message is
// among it: the page learns a number, and that is all.

// From the page.
export type Told =
  | { readonly sendjay: "boot"; readonly user: string }
  | { readonly sendjay: "ticket"; readonly ticket: string } // "" for none
  | { readonly sendjay: "active" } // somebody uses the page
  | { readonly sendjay: "chat"; readonly n: number; readonly user: string }
  | { readonly sendjay: "here" }
  | { readonly sendjay: "shutdown" };

// From the frame.
export type Said =
  | { readonly sendjay: "ready" } // also when the frame has loaded itself anew
  | { readonly sendjay: "ticket" } // please
  | { readonly sendjay: "unread"; readonly unread: number }
  | { readonly sendjay: "state"; readonly state: PortalState; readonly alerts: PortalAlerts }
  | { readonly sendjay: "chat"; readonly n: number; readonly room: string } // "" when it could not be
  | { readonly sendjay: "open"; readonly room: string } // a notification was clicked
  | { readonly sendjay: "gone" }; // signed out

// online: connected, here or in another tab; replaced: another browser has the line; refused: no ticket, or a bad one.
export type PortalState = "connecting" | "online" | "offline" | "replaced" | "signed_out" | "refused";
export type PortalAlerts = "granted" | "denied" | "ask" | "none";
