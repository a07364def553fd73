// A page about money in flight keeps itself up to date: it asks for its changing part again until
// that says, by a header, that nothing more is to come. Without this file, reloading does the same.
import { morph } from "./morph.js";

const SOON_MS = 3000;
// An order may wait for its payment all day: while nothing happens, the page asks less often.
const CALM_MS = 15000;
const CALMER_BY = 1.2;
// While the server does not answer, each try waits twice as long as the one before.
const TROUBLED_MS = 60000;
const PATIENCE_MS = 20000;

/** What an answer means: news, trouble that may pass, or the end of following. */
function judge(answer) {
  if (answer.ok) return "news";
  // Signed out (a redirect, which is not followed), no right any more, or gone.
  const passes = answer.status >= 500 || answer.status === 429;
  return passes ? "trouble" : "ended";
}

class Follower {
  constructor(part) {
    this.part = part;
    this.status = document.querySelector("[data-follow-status]");
    this.version = part.dataset.version ?? "";
    this.waitMs = SOON_MS;
    this.isDue = false;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.isDue) this.ask();
    });
    this.askLater();
  }

  /** What the page is doing, for its looks: waiting, asking, or ended. */
  become(state) {
    this.part.dataset.follow = state;
  }

  askLater() {
    this.isDue = false;
    this.become("waiting");
    setTimeout(() => {
      this.isDue = true;
      // Nobody looks: the question waits until somebody does.
      if (!document.hidden) this.ask();
    }, this.waitMs);
  }

  async ask() {
    this.isDue = false;
    this.become("asking");
    try {
      const answer = await fetch(this.part.dataset.url, {
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const meaning = judge(answer);
      if (meaning === "news") return this.take(await answer.text(), answer.headers);
      if (meaning === "ended") return this.end();
    } catch {
      // Offline, or too slow: trouble like any other.
    }
    this.waitMs = Math.min(this.waitMs * 2, TROUBLED_MS);
    this.say("lost");
    this.askLater();
  }

  take(html, headers) {
    const fresh = this.part.cloneNode(false);
    fresh.innerHTML = html;
    const isLive = headers.get("X-Lunas-Live") === "on";
    fresh.dataset.live = isLive ? "on" : "off";
    const version = headers.get("X-Lunas-Version") ?? "";
    const isNews = version !== this.version;
    this.version = version;
    morph(this.part, fresh);
    this.waitMs = isNews ? SOON_MS : Math.min(Math.max(this.waitMs, SOON_MS) * CALMER_BY, CALM_MS);
    this.say(isNews ? "news" : "calm");
    if (isLive) this.askLater();
    else this.become("ended");
  }

  end() {
    this.say("ended");
    this.become("ended");
  }

  /** Tell what happened, politely to a screen reader, and to everybody where it is trouble. */
  say(what) {
    if (!this.status) return;
    const isTrouble = what === "lost" || what === "ended";
    this.status.classList.toggle("hidden", !isTrouble);
    if (what === "calm" && !this.wasTrouble) return;
    this.wasTrouble = isTrouble;
    const news = this.part.querySelector("[data-news]")?.textContent ?? "";
    this.status.textContent = what === "news" ? news : (this.status.dataset[what] ?? "");
  }
}

for (const part of document.querySelectorAll("[data-live=on]")) new Follower(part);
