import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/app/App";
import { afterFirstPage } from "@/app/afterFirstPage";
import { fetchChosenLanguage } from "@/shared/i18n/language";
import "@/app/styles/index.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");
const page = createRoot(root);

// Drawing in one language and then in another would be worse than a moment's wait; a lost network leaves Indonesian.
void fetchChosenLanguage().catch(() => undefined).then(() => {
  page.render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  afterFirstPage();
});
