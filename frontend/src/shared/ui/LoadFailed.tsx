import type { ReactNode } from "react";

import { useTexts } from "@/shared/i18n/language";
import { useOnline } from "@/shared/network/useOnline";

import { MessagePage } from "./MessagePage";

interface Props {
  onAgain: () => void;
  children?: ReactNode;
}

/** In place of goods that could not be loaded: says whether it is the device's network or ours. */
export function LoadFailed({ onAgain, children }: Props) {
  const { catalogue, network, shop } = useTexts();
  const online = useOnline();
  return (
    <MessagePage
      title={online ? catalogue.failed : network.offlineTitle}
      help={online ? catalogue.failedHelp : network.offlineHelp}
    >
      <button type="button" className="button" onClick={onAgain}>{shop.tryAgain}</button>
      {children}
    </MessagePage>
  );
}
