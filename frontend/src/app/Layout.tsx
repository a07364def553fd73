import { Suspense, useEffect, useRef } from "react";
import type { RefObject } from "react";
import { NavigationType, Outlet, useLocation, useNavigationType } from "react-router";

import { useShopConfig } from "@/shared/api/queries";
import { useLanguage, useTexts } from "@/shared/i18n/language";

import { CrashPage } from "./CrashPage";
import { ErrorBoundary } from "./ErrorBoundary";
import { Footer } from "./Footer";
import { Header } from "./Header";
import { OfflineNotice } from "./OfflineNotice";

/** The frame of every page; on a change of page it moves the reader to the new content. */
export function Layout() {
  const { shop } = useTexts();
  const language = useLanguage();
  const main = useRef<HTMLElement>(null);
  const config = useShopConfig();
  const { pathname } = useLocation();
  useFocusOnNewPage(main, pathname);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  return (
    <>
      <a className="skip-link" href="#main">{shop.skipToContent}</a>
      <Header demo={config.data?.demo ?? saidToBeDemo()} />
      <main id="main" ref={main} tabIndex={-1}>
        {/* A broken page keeps the header around it, and another page starts afresh. */}
        <ErrorBoundary key={pathname} fallback={<CrashPage />}>
          <Suspense fallback={<p className="muted" role="status">{shop.loading}</p>}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Footer />
      <OfflineNotice />
    </>
  );
}

/** The server writes it into the page itself: a banner that came later would push everything down. */
function saidToBeDemo(): boolean {
  return document.documentElement.dataset["demo"] !== undefined;
}

function useFocusOnNewPage(main: RefObject<HTMLElement | null>, pathname: string): void {
  const shown = useRef(pathname);
  const way = useNavigationType();
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    // "Back" returns to where the reader was: the browser remembers the place by itself.
    if (way !== NavigationType.Pop) window.scrollTo(0, 0);
    // The gateway's pop-up lives in a frame and opens right after the order's page: leave it the focus.
    if (document.activeElement?.tagName !== "IFRAME") main.current?.focus({ preventScroll: true });
  }, [pathname, main, way]);
}
