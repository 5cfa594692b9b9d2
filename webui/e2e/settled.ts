// Waits until what moves on a page has come to rest: half way through a fade a colour is neither the old nor the new
// one, which a picture shows and axe counts as too little contrast.
import type { Page } from "playwright-core";

// settled leaves out what moves for ever.
export const settled = (page: Page): Promise<unknown> =>
  page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((a) => a.effect?.getComputedTiming().endTime !== Infinity)
        .map((a) => a.finished.catch(() => null)),
    ),
  );
