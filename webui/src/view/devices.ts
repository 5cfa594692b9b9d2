// What a device that is signed in is called, found by and sorted by.
import type { SignedDevice } from "../gen/protocol.ts";
import { say } from "../text/say.ts";
import { agent } from "./agent.ts";
import { byText } from "./usePaged.tsx";

export const nameOf = (d: SignedDevice): string => agent(d.agent) || say(`view.device.${d.device}`);
export const wordsOf = (d: SignedDevice): string =>
  `${nameOf(d)} ${say(`view.device.${d.device}`)} ${d.address} ${d.agent}`;

// The device that asks stands first in the order of use.
export const deviceOrders = [
  {
    name: "view.sort.used",
    by: (a: SignedDevice, b: SignedDevice) =>
      Number(b.here ?? false) - Number(a.here ?? false) || (a.used < b.used ? 1 : -1),
  },
  { name: "view.sort.begun", by: (a: SignedDevice, b: SignedDevice) => (a.at < b.at ? 1 : -1) },
  { name: "view.sort.name", by: byText(nameOf) },
  { name: "view.sort.address", by: byText((d: SignedDevice) => d.address) },
] as const;
