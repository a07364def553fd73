import { useRef, useState } from "react";

import { useTexts } from "@/shared/i18n/language";

import { orderIdOf } from "./orderLink";

/** Opens the order of a pasted link; what is no link of this shop is said, and leads nowhere. */
export function OrderLinkForm({ onOpen }: { onOpen: (orderId: string) => void }) {
  const texts = useTexts().myOrders;
  const [link, setLink] = useState("");
  const [wrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const open = () => {
    const id = orderIdOf(link, window.location.origin);
    setWrong(id === null);
    if (id === null) input.current?.focus();
    else onOpen(id);
  };
  return (
    <form className="panel order-link" noValidate onSubmit={(event) => { event.preventDefault(); open(); }}>
      <h2>{texts.linkTitle}</h2>
      <div className="field">
        <label htmlFor="order-link">{texts.link}</label>
        <input
          id="order-link"
          ref={input}
          type="url"
          autoComplete="off"
          spellCheck={false}
          value={link}
          aria-invalid={wrong}
          aria-describedby={wrong ? "order-link-error" : "order-link-hint"}
          onChange={({ target }) => {
            setLink(target.value);
            setWrong(false);
          }}
        />
        {wrong
          ? <p id="order-link-error" className="field__error">{texts.linkWrong}</p>
          : <p id="order-link-hint" className="field__hint">{texts.linkHint}</p>}
      </div>
      <button type="submit" className="button button--quiet">{texts.openLink}</button>
    </form>
  );
}
