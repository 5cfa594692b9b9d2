// What a file looks like before its bytes are there: how large its picture is drawn, what its size is called, which icon stands for it.
import { useEffect, useState } from "preact/hooks";
import type { FileInfo } from "../../gen/protocol.ts";
import { lang, say } from "../../text/say.ts";
import type { IconName } from "../../ui/Icon.tsx";

export const address = (f: FileInfo, size: "" | "thumb" | "screen" = ""): string =>
  `api/v1/files/${encodeURIComponent(f.id)}${size && `/${size}`}`;

export const isPicture = (f: FileInfo): boolean =>
  /^image\/(png|jpeg|gif|webp|bmp|x-icon)$/.test(f.kind) && (f.width ?? 0) > 0;
export const isFilm = (f: FileInfo): boolean => /^video\/(mp4|webm|quicktime)$/.test(f.kind);
export const isSound = (f: FileInfo): boolean => f.kind.startsWith("audio/");
export const isPDF = (f: FileInfo): boolean => f.kind === "application/pdf";

// A moving picture is shown as it is, unless it is too heavy for a conversation.
export const moves = (f: FileInfo): boolean =>
  f.kind === "image/gif" || (f.kind === "image/webp" && !f.thumb) ? f.size <= 12 * 1024 * 1024 : false;

export const gone = (f: FileInfo, now: number): boolean =>
  f.gone === true || (f.until !== undefined && Date.parse(f.until) <= now);

// useGone follows the hour at which a file expires while it is on the screen.
export function useGone(f: FileInfo | undefined): boolean {
  const [, look] = useState(0);
  const over = f !== undefined && gone(f, Date.now());
  const until = over || !f?.until ? 0 : Date.parse(f.until);
  useEffect(() => {
    if (!until) return;
    const timer = setTimeout(() => look((n) => n + 1), Math.min(until - Date.now() + 500, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }, [until]);
  return over;
}

// boxOf is the box a picture gets: never larger than it is, never smaller than a finger.
export function boxOf(width: number, height: number, most = 300): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, most / width, most / height);
  return { width: Math.max(72, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
}

export function sizeOf(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let n = bytes;
  let i = 0;
  while (n >= 1024 && i < units.length - 1) {
    n /= 1024;
    i++;
  }
  const text = new Intl.NumberFormat(lang.value, { maximumFractionDigits: n < 10 && i > 0 ? 1 : 0 }).format(n);
  return `${text} ${units[i]}`;
}

export function lengthOf(ms: number): string {
  const s = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const rest = `${hours ? two(Math.floor((s % 3600) / 60)) : Math.floor(s / 60)}:${two(s % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

export function untilOf(f: FileInfo): string {
  if (!f.until) return "";
  const day = new Intl.DateTimeFormat(lang.value === "ko" ? "ko-KR" : "en-GB", {
    month: lang.value === "ko" ? "long" : "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(new Date(f.until));
  return say("view.file.until", { day });
}

const icons: readonly (readonly [RegExp, IconName])[] = [
  [/^image\//, "image"],
  [/^video\//, "film"],
  [/^audio\//, "audio-lines"],
  [/zip|tar|rar|7z|gzip|compressed/, "file-archive"],
  [/spreadsheet|excel|csv/, "file-spreadsheet"],
  [/presentation|powerpoint/, "presentation"],
  [/pdf|word|text|document|hwp|rtf/, "file-text"],
];
export const iconOf = (kind: string): IconName => icons.find(([k]) => k.test(kind))?.[1] ?? "file";
