// What a message of mine waits for, in a sentence.
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";

export const online = (app: App): boolean => app.link.value.state === "online";

export const waitsFor = (app: App): string => say(online(app) ? "view.message.waits.ack" : "view.message.waits.line");
