// Signing in and out, and a new password.
import type { Signal } from "@preact/signals-core";
import type { Fault, LoggedOut, SignedIn, User } from "../gen/protocol.ts";
import type { App } from "./face.ts";
import type { Http, Outcome, Parts } from "./parts.ts";

type AccountActs = Pick<App, "signIn" | "signInByTicket" | "enrolled" | "changePassword" | "signOut">;

interface Around {
  readonly wire: Parts["wire"];
  readonly http: Http;
  readonly me: Signal<User | null>;
  become(user: User): void;
  mark(ticket: "in" | "out"): void; // how the ticket of this computer was used last
  out(): void; // of this person nothing stays
  leave(to: string): void;
}

export function accountActs(around: Around): AccountActs {
  const { wire, http } = around;
  const enter = (answer: Outcome<SignedIn>): Fault | null => {
    if (answer.error) return answer.error;
    around.become(answer.data.user);
    wire.start();
    wire.tell({ kind: "signed", in: true });
    return null;
  };
  return {
    async signIn(userId, password, code) {
      const ask = { userId, password, device: "web", ...(code ? { code } : {}) };
      return enter(await http.post<SignedIn>("auth/login", ask));
    },
    async signInByTicket() {
      const fault = enter(await http.post<SignedIn>("auth/kerberos", { device: "web" }));
      if (!fault) around.mark("in");
      return fault;
    },
    enrolled() {
      const now = around.me.peek();
      if (!now) return;
      const { mustEnrol: _, ...rest } = now;
      around.me.value = rest;
      wire.retry(); // the socket was refused so far
    },
    async changePassword(oldPassword, newPassword) {
      const answer = await http.post("auth/password", { old: oldPassword, new: newPassword });
      if (answer.error) return answer.error.code;
      const now = around.me.peek();
      if (now) {
        const { mustChange, ...rest } = now;
        around.me.value = rest;
        if (mustChange) wire.retry(); // the socket was refused so far
      }
      return null;
    },
    async signOut() {
      around.mark("out"); // before other tabs hear of it: they would sign in again
      const answer = await http.post<LoggedOut>("auth/logout", {});
      // The cookies are the server's to take back; without it we would come back at the next reload.
      if (answer.error && answer.error.code !== "unauthenticated") return;
      wire.tell({ kind: "signed", in: false });
      around.out();
      if (answer.data?.next) around.leave(answer.data.next); // the session at the OpenID provider ends too
    },
  };
}
