import { Link } from "react-router";

import type { ApiProblem } from "@/shared/api/problem";
import { useTexts } from "@/shared/i18n/language";
import { MessagePage } from "@/shared/ui/MessagePage";

/** What stands in for an order that is not there, or could not be read. */
export function Unseen({ problem, onAgain }: { problem: ApiProblem; onAgain: () => void }) {
  const texts = useTexts();
  if (problem.code === "order_not_found") {
    return (
      <MessagePage title={texts.order.notFound} help={texts.order.notFoundHelp}>
        <Link to="/" className="button">{texts.shop.backToShop}</Link>
      </MessagePage>
    );
  }
  return (
    <MessagePage title={texts.order.failed} help={texts.order.failedHelp}>
      <button type="button" className="button" onClick={onAgain}>{texts.shop.tryAgain}</button>
    </MessagePage>
  );
}
