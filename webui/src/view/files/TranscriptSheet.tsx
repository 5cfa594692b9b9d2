// TranscriptSheet saves the messages of a room, or those that were chosen, as a file.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ErrorCode, Message, RoomID } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { lang, say, sayError } from "../../text/say.ts";
import { Button, Pick } from "../../ui/Controls.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { choosing, note } from "../place.ts";
import { sizeOf } from "./facts.ts";
import { byTray, give } from "./save.ts";
import css from "./transcript.module.css";

interface Props {
  readonly app: App;
  readonly room: RoomID;
  readonly messages: readonly Message[]; // none: all of them
  readonly close: () => void;
}

export function TranscriptSheet({ app, room, messages, close }: Props) {
  const [as, setAs] = useState<"html" | "txt">("html");
  const [got, setGot] = useState<number | null>(null); // bytes so far, null while nothing is on its way
  const [error, setError] = useState<ErrorCode | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const save = async () => {
    setError(null);
    const path = pathOf(room, as, messages);
    const title = app.model(room).room.peek()?.title ?? "";
    if (app.native.peek().includes("download")) {
      const bad = await byTray(path, `${title.replaceAll(/[/\\]/g, "-")} ${dayNow()}.${as}`);
      if (bad) setError(bad);
      else done();
      return;
    }
    stop.current = new AbortController();
    setGot(0);
    try {
      const name = await fetched(path, stop.current.signal, setGot);
      note(say("view.transcript.saved", { name }));
      done();
    } catch (e) {
      setGot(null);
      if (!stop.current.signal.aborted) setError(e instanceof Refused ? e.code : "unavailable");
    }
  };
  const done = () => {
    if (messages.length > 0) choosing.value = null;
    close();
  };
  return (
    <Dialog
      title={say("view.transcript")}
      size="small"
      close={close}
      foot={
        got === null ? (
          <>
            <Button onClick={close}>{say("view.no")}</Button>
            <Button kind="primary" first onClick={() => void save()}>
              {say("view.transcript.save")}
            </Button>
          </>
        ) : (
          <Button onClick={() => stop.current?.abort()}>{say("view.transcript.stop")}</Button>
        )
      }
    >
      <div class={css.form}>
        <Pick
          label={say("view.transcript.form")}
          value={as}
          of={[
            ["html", say("view.transcript.html")],
            ["txt", say("view.transcript.txt")],
          ]}
          onPick={setAs}
        />
        <p class={css.about}>
          {messages.length > 0
            ? say("view.transcript.aboutChosen", { n: messages.length })
            : say("view.transcript.about")}
        </p>
        {got !== null && (
          <div class={css.going}>
            <progress aria-label={say("view.transcript")} />
            <span role="status">{say("view.transcript.going", { size: sizeOf(got) })}</span>
          </div>
        )}
        {error && (
          <p class={css.error} role="alert">
            {sayError(error)}
          </p>
        )}
      </div>
    </Dialog>
  );
}

class Refused extends Error {
  constructor(readonly code: ErrorCode) {
    super(code);
  }
}

// fetched brings a file to the person's downloads, telling how many bytes are here; a file that broke off is not given.
async function fetched(path: string, signal: AbortSignal, tell: (bytes: number) => void): Promise<string> {
  const answer = await fetch(path, { signal });
  if (!answer.ok || !answer.body) {
    const said = (await answer.json().catch(() => null)) as { readonly error?: { readonly code?: ErrorCode } } | null;
    throw new Refused(said?.error?.code ?? "unavailable");
  }
  let bytes = 0;
  const counted = answer.body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, to) {
        bytes += chunk.length;
        tell(bytes);
        to.enqueue(chunk);
      },
    }),
  );
  const named = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  const name = named ? decodeURIComponent(named) : "sendjay";
  // The browser keeps a large one on the disk.
  const whole = await new Response(counted, { headers: { "Content-Type": "application/octet-stream" } }).blob();
  give(whole, name);
  return name;
}

const dayNow = (): string => new Intl.DateTimeFormat("sv-SE").format(new Date());

function pathOf(room: RoomID, as: string, messages: readonly Message[]): string {
  const ask = new URLSearchParams({ as, lang: lang.peek(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  if (messages.length > 0) ask.set("seqs", spansOf(messages.map((m) => m.seq)));
  return `api/v1/rooms/${encodeURIComponent(room)}/transcript?${ask}`;
}

// spansOf writes 3, 4, 5, 9 as "3-5,9".
export function spansOf(seqs: readonly number[]): string {
  const out: [number, number][] = [];
  for (const n of [...seqs].sort((a, b) => a - b)) {
    const end = out.at(-1);
    if (end && n <= end[1] + 1) end[1] = n;
    else out.push([n, n]);
  }
  return out.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(",");
}
