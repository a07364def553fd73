import type { ReactNode } from "react";

interface Props {
  tone: "problem" | "info";
  title: string;
  children?: ReactNode;
}

/** A framed message; a problem is announced at once, anything else when the reader pauses. */
export function Notice({ tone, title, children }: Props) {
  return (
    <div className={`notice notice--${tone}`} role={tone === "problem" ? "alert" : "status"}>
      <p className="notice__title">{title}</p>
      {children}
    </div>
  );
}
