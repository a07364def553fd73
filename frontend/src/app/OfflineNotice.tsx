import { useTexts } from "@/shared/i18n/language";
import { useOnline } from "@/shared/network/useOnline";

/** Says on every page that the network is gone: what is shown may be old, and what is kept is safe. */
export function OfflineNotice() {
  const { network } = useTexts();
  const online = useOnline();
  // The frame stays, as readers only announce what changes inside one; it lies over the page's foot and moves nothing.
  return <div className="offline-notice" role="status">{!online && <p>{network.offline}</p>}</div>;
}
