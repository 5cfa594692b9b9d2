// What becomes of an outgoing item while the line is down: the reader of the generated table. Only a
// browser without the tray asks; the window of the tray hands everything over.
import { type Rule, rules, types } from "../gen/delivery.ts";
import { commandClass, type Op } from "../gen/protocol.ts";

// fateOf looks by the command, and for a message by its type. What nobody knows is refused and not
// kept: nobody could say what sending it later would do.
export function fateOf(op: Op | string, type = ""): Rule {
  if (!Object.hasOwn(commandClass, op)) return rules.blocked;
  const own = op === "message.send" ? types.find((t) => t.type === type) : undefined;
  return rules[own ? own.class : commandClass[op as Op]];
}
