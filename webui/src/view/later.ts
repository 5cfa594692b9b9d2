// later holds the parts of the page that nobody needs in the first second. They are fetched right after the first
// picture, so that they are there, also without a line, when somebody asks for them.
import { signal } from "@preact/signals";
import { sayAll } from "../text/say.ts";

type Parts = typeof import("./laterparts.ts");

export const later = signal<Parts | null>(null);
let asked = false;

export function fetchLater(): void {
  if (asked) return;
  asked = true;
  Promise.all([import("./laterparts.ts"), sayAll()]).then(
    ([parts]) => {
      later.value = parts;
    },
    () => {
      asked = false; // the next one who needs them asks again
    },
  );
}

// admin is fetched by those alone who open it.
export const admin = signal<typeof import("./admin/Admin.tsx") | null>(null);

export function fetchAdmin(): void {
  if (admin.peek()) return;
  import("./admin/Admin.tsx").then(
    (part) => {
      admin.value = part;
    },
    () => setTimeout(fetchAdmin, 3000), // without a line there is nothing to look after
  );
}
