import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/app/App";
import { afterFirstPage } from "@/app/afterFirstPage";
import "@/app/styles/index.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
afterFirstPage();
