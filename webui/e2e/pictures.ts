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

// A GIF of two colours, one after the other.
export const gif = Buffer.from(
  [
    "47494638396130002000800000" + "c8321e" + "1e50c8", // 48 by 32, a red and a blue
    "21ff0b4e45545343415045322e30030100000021f9040032000000",
    frame(0),
    "21f9040032000000",
    frame(1),
    "3b",
  ].join(""),
  "hex",
);

// frame is a picture of one colour in GIF's code, which is begun anew before it grows wider than three bits.
function frame(colour: 0 | 1): string {
  const codes: number[] = [];
  for (let n = 0; n < 48 * 32; n += 2) codes.push(4, colour, colour);
  codes.push(5);
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const c of codes) {
    held |= c << bits;
    bits += 3;
    for (; bits >= 8; bits -= 8, held >>= 8) bytes.push(held & 255);
  }
  if (bits > 0) bytes.push(held & 255);
  let out = "2c000000003000200000" + "02";
  for (let at = 0; at < bytes.length; at += 255) {
    const part = bytes.slice(at, at + 255);
    out += Buffer.from([part.length, ...part]).toString("hex");
  }
  return `${out}00`;
}
