// Real Chromium, and people who look at the page through it.
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { type House, password } from "./house.ts";

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

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: flags });
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
  private constructor(
    readonly house: House,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly lang: "ko" | "en",
  ) {
    this.listen(page);
  }

  static async open(browser: Browser, house: House, look: Look = {}): Promise<Viewer> {
    const lang = look.lang ?? "ko";
    const options: BrowserContextOptions = {
      viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
      colorScheme: look.theme ?? "light",
      locale: lang === "ko" ? "ko-KR" : "en-GB",
      timezoneId: "Asia/Seoul",
    };
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const viewer = new Viewer(house, context, page, lang);
    await page.goto(house.url);
    return viewer;
  }

  static async signedIn(browser: Browser, house: House, id: string, look: Look = {}): Promise<Viewer> {
    const viewer = await Viewer.open(browser, house, look);
    await viewer.signIn(id);
    await viewer.ready();
    return viewer;
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
