import { useTexts } from "@/shared/i18n/language";
import { MessagePage } from "@/shared/ui/MessagePage";
import { useTitle } from "@/shared/ui/useTitle";

/** What stands in for a page that failed to draw. */
export function CrashPage() {
  const { crash } = useTexts();
  useTitle(crash.title);
  return (
    <MessagePage title={crash.title} help={crash.help}>
      <button type="button" className="button" onClick={() => { window.location.reload(); }}>{crash.reload}</button>
    </MessagePage>
  );
}
