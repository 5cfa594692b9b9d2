// Signing in and out, and a new password.
import type { Signal } from "@preact/signals-core";
import type { LoggedOut, SignedIn, User } from "../gen/protocol.ts";
import type { App } from "./face.ts";
import type { Http, Parts } from "./parts.ts";

type AccountActs = Pick<App, "signIn" | "enrolled" | "changePassword" | "signOut">;

interface Around {
  readonly wire: Parts["wire"];
  readonly http: Http;
  readonly me: Signal<User | null>;
  become(user: User): void;
  out(): void; // of this person nothing stays
  leave(to: string): void;
}

export function accountActs(around: Around): AccountActs {
  const { wire, http } = around;
  return {
    async signIn(userId, password, code) {
      const answer = await http.post<SignedIn>("auth/login", {
        userId,
        password,
        device: "web",
        ...(code ? { code } : {}),
      });
      if (answer.error) return answer.error;
      around.become(answer.data.user);
      wire.start();
      wire.tell({ kind: "signed", in: true });
      return null;
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
      const answer = await http.post<LoggedOut>("auth/logout", {});
      // The cookies are the server's to take back; without it we would come back at the next reload.
      if (answer.error && answer.error.code !== "unauthenticated") return;
      wire.tell({ kind: "signed", in: false });
      around.out();
      if (answer.data?.next) around.leave(answer.data.next); // the session at the OpenID provider ends too
    },
  };
}
