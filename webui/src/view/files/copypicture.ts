// copyPicture puts a picture on the clipboard, which takes PNG alone, and says so.
import type { FileInfo } from "../../gen/protocol.ts";
import { say } from "../../text/say.ts";
import { note } from "../place.ts";
import { address } from "./facts.ts";

export async function copyPicture(f: FileInfo): Promise<void> {
  const png = async (): Promise<Blob> => {
    const blob = await (await fetch(address(f))).blob();
    if (blob.type === "image/png") return blob;
    const picture = await createImageBitmap(blob);
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
    return canvas.convertToBlob({ type: "image/png" });
  };
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png() })]);
    note(say("view.copied"));
  } catch {
    note(say("view.copyFailed")); // not allowed, or no clipboard without TLS
  }
}
