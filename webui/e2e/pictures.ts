// Pictures for the tests, drawn here: PNG of any size, coloured so that one tells them apart.
import { crc32, deflateSync } from "node:zlib";

export function png(width: number, height: number, tint: readonly [number, number, number] = [40, 110, 190]): Buffer {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      const hill = y > height * (0.55 + 0.2 * Math.sin((x / width) * 7)) ? 0.55 : 1;
      const light = 0.5 + 0.5 * (1 - y / height);
      for (let c = 0; c < 3; c++) rows[at + c] = Math.min(255, (tint[c] ?? 0) * hill * light + 50 * (x / width));
    }
  }
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
