// Real Chromium, and people who look at the page through it.
import { existsSync } from "node:fs";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { type House, password, until } from "./house.ts";

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// The headless shell is Chromium without its own toolbar, which is a page too and costs half the time of a window.
const shell = "/usr/bin/chromium-headless-shell";

const executablePath = process.env["CHROMIUM"] ?? (existsSync(shell) ? shell : "/usr/bin/chromium");

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: flags });
}

// startProfile is a browser of its own with what one computer knows, such as the tickets of its person, which no private
// window shows.
export function startProfile(
  dir: string,
  more: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<BrowserContext> {
  const args = [...flags, ...more];
  const own = { ...(process.env as Record<string, string>), ...env };
  return chromium.launchPersistentContext(dir, { executablePath, args, env: own, locale: "ko-KR" });
}

export interface Look {
  readonly lang?: "ko" | "en";
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
}

// A Viewer is one browser profile in front of one person.
export class Viewer {
  readonly faults: string[] = [];
  private resting = false;
  private constructor(
    readonly house: House,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly lang: "ko" | "en",
    private readonly size: { width: number; height: number },
  ) {
    this.listen(page);
  }

  static async open(browser: Browser, house: House, look: Look = {}): Promise<Viewer> {
    const lang = look.lang ?? "ko";
    const size = { width: look.width ?? 1280, height: look.height ?? 800 };
    const options: BrowserContextOptions = {
      viewport: size,
      colorScheme: look.theme ?? "light",
      locale: lang === "ko" ? "ko-KR" : "en-GB",
      timezoneId: "Asia/Seoul",
    };
    await house.up();
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const viewer = new Viewer(house, context, page, lang, size);
    await page.goto(house.url);
    return viewer;
  }

  static async signedIn(browser: Browser, house: House, id: string, look: Look = {}): Promise<Viewer> {
    const viewer = await Viewer.open(browser, house, look);
    await viewer.signIn(id);
    await viewer.ready();
    return viewer;
  }

  // back is signedIn with the browser of an earlier test, in which nothing is left but the sign-in and the program: a
  // new browser costs seconds. Where that one is not fit to be used again, it is a new one.
  static async back(last: Viewer | undefined, browser: Browser, house: House, id: string): Promise<Viewer> {
    if (last?.resting) {
      await house.up();
      const origin = house.url;
      const tool = await last.context.newCDPSession(last.page);
      await tool.send("Storage.clearDataForOrigin", { origin, storageTypes: "local_storage,indexeddb" });
      await tool.detach();
      last.resting = false;
      last.faults.length = 0;
      await last.page.goto(origin);
      const asked = last.page.locator('input[name="username"]');
      await last.page.locator("nav").or(asked).first().waitFor();
      if (await asked.isVisible()) await last.signIn(id);
      await last.ready();
      return last;
    }
    await last?.close();
    return Viewer.signedIn(browser, house, id);
  }

  // rest leaves the page, so that nobody is here between two tests.
  async rest(): Promise<void> {
    if (this.page.isClosed()) return this.close();
    for (const page of this.context.pages()) if (page !== this.page) await page.close();
    await this.context.setOffline(false);
    await this.context.unrouteAll();
    await this.page.unrouteAll();
    await this.page.setViewportSize(this.size);
    await this.page.goto("about:blank");
    this.resting = true;
  }

  async signIn(id: string, secret = password): Promise<void> {
    await this.page.locator('input[name="username"]').fill(id);
    await this.page.locator('input[name="current-password"]').fill(secret);
    await this.page.locator('button[type="submit"]').click();
  }

  ready(page = this.page): Promise<void> {
    return page.locator("nav").waitFor();
  }

  // tab opens another tab of the same browser.
  async tab(): Promise<Page> {
    const page = await this.context.newPage();
    this.listen(page);
    await page.goto(this.house.url);
    await this.ready(page);
    return page;
  }

  async openRoom(id: string, page = this.page): Promise<void> {
    await page.locator(`[data-room="${id}"]`).click();
    await page.locator("textarea").waitFor();
  }

  row(id: string, page = this.page): Locator {
    return page.locator(`[data-room="${id}"]`);
  }

  bubble(text: string, page = this.page): Locator {
    return page.locator("article[data-message]", { hasText: text });
  }

  get box(): Locator {
    return this.page.locator("textarea");
  }

  async say(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press("Enter");
  }

  // kept waits until the page and this text can be shown without a server.
  kept(text: string, page = this.page): Promise<void> {
    return until(`"${text}" to be kept`, () =>
      page.evaluate(async (t) => {
        const cache = await caches.open("sendjay-shell-1");
        if (!(await cache.match("/")) || !navigator.serviceWorker.controller) return false;
        return JSON.stringify(await copied()).includes(t);
        function copied(): Promise<unknown[]> {
          return new Promise((done) => {
            const open = indexedDB.open("sendjay-copy");
            open.onerror = () => done([]);
            open.onsuccess = () => {
              const db = open.result;
              if (!db.objectStoreNames.contains("copy")) {
                db.close();
                return done([]);
              }
              const all = db.transaction("copy").objectStore("copy").getAll();
              all.onsuccess = () => {
                db.close();
                done(all.result);
              };
            };
          });
        }
      }, text),
    );
  }

  close(): Promise<void> {
    return this.context.close();
  }

  private listen(page: Page): void {
    page.on("pageerror", (e) => this.faults.push(String(e.stack ?? e)));
    page.on("dialog", (d) => {
      this.faults.push(`a dialog opened: ${d.message()}`);
      void d.dismiss();
    });
  }
}
