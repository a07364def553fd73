import { useEffect, useRef } from "react";
import type { RefObject } from "react";
import { Outlet, useLocation } from "react-router";

import { useShopConfig } from "@/shared/api/queries";
import { useLanguage, useTexts } from "@/shared/i18n/language";

import { CrashPage } from "./CrashPage";
import { ErrorBoundary } from "./ErrorBoundary";
import { Header } from "./Header";
import { usePricesSeen } from "./useCartChanges";

/** The frame of every page; on a change of page it moves the reader to the new content. */
export function Layout() {
  const { shop } = useTexts();
  const language = useLanguage();
  const main = useRef<HTMLElement>(null);
  const config = useShopConfig();
  const { pathname } = useLocation();
  useFocusOnNewPage(main, pathname);
  usePricesSeen();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  return (
    <>
      <a className="skip-link" href="#main">{shop.skipToContent}</a>
      <Header demo={config.data?.demo ?? false} />
      <main id="main" ref={main} tabIndex={-1}>
        {/* A broken page keeps the header around it, and another page starts afresh. */}
        <ErrorBoundary key={pathname} fallback={<CrashPage />}>
          <Outlet />
        </ErrorBoundary>
      </main>
      <footer className="footer">
        <p>{shop.footerPrices}</p>
        <p>{shop.footerPayments}</p>
      </footer>
    </>
  );
}

function useFocusOnNewPage(main: RefObject<HTMLElement | null>, pathname: string): void {
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    window.scrollTo(0, 0);
    // The gateway's pop-up lives in a frame and opens right after the order's page: leave it the focus.
    if (document.activeElement?.tagName !== "IFRAME") main.current?.focus({ preventScroll: true });
  }, [pathname, main]);
}
