// Waiting is the page before anything is known: the places where things will stand, so that nothing jumps.
import { Bones } from "./RoomList.tsx";
import css from "./waiting.module.css";

export function Waiting() {
  return (
    <div class={css.page}>
      <div class={css.rail} />
      <div class={css.list}>
        <Bones rows={10} />
      </div>
    </div>
  );
}
