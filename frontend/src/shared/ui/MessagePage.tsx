import type { ReactNode } from "react";

interface Props {
  title: string;
  help: string;
  children?: ReactNode;
}

/** A calm page with one message and a way on. */
export function MessagePage({ title, help, children }: Props) {
  return (
    <div className="message-page">
      <span className="message-page__mark" aria-hidden="true"><span className="kawung" /></span>
      <h1>{title}</h1>
      <p className="muted">{help}</p>
      {children && <div className="message-page__actions">{children}</div>}
    </div>
  );
}
