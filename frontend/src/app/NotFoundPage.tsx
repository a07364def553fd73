import { Link } from "react-router";

import { useTexts } from "@/shared/i18n/language";
import { MessagePage } from "@/shared/ui/MessagePage";
import { useTitle } from "@/shared/ui/useTitle";

/** For addresses that the shop does not have. */
export function NotFoundPage() {
  const { notFound, shop } = useTexts();
  useTitle(notFound.title);
  return (
    <MessagePage title={notFound.title} help={notFound.help}>
      <Link to="/" className="button">{shop.backToShop}</Link>
    </MessagePage>
  );
}
