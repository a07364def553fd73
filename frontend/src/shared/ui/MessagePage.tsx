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
      <span className="kawung" aria-hidden="true" />
      <h1>{title}</h1>
      <p>{help}</p>
      {children && <div className="message-page__actions">{children}</div>}
    </div>
  );
}
