import { useState } from "react";
import { Link } from "react-router";

import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatWib } from "@/shared/i18n/wib";
import { orderAddress } from "@/shared/routes/addresses";
import { useTitle } from "@/shared/ui/useTitle";

import { forgetOrder, useRememberedOrders } from "./orderMemory";
import type { RememberedOrder } from "./orderMemory";
import { OrderLinkForm } from "./OrderLinkForm";
import "./my-orders.css";

/** The orders that this browser has shown, and a door for the link of any other. */
export function MyOrdersPage({ onOpen }: { onOpen: (orderId: string) => void }) {
  const texts = useTexts().myOrders;
  const orders = useRememberedOrders();
  const [said, setSaid] = useState("");
  useTitle(texts.title);
  return (
    <div className="my-orders">
      <h1>{texts.title}</h1>
      <div className="my-orders__columns">
        {orders.length > 0 ? (
          <section aria-label={texts.title}>
            <p className="muted">{texts.help}</p>
            <ul className="my-orders__list">
              {orders.map((order) => (
                <Row
                  key={order.id}
                  order={order}
                  onForget={() => {
                    forgetOrder(order.id);
                    setSaid(texts.forgotten(order.number));
                  }}
                />
              ))}
            </ul>
          </section>
        ) : <NoOrders />}
        <OrderLinkForm onOpen={onOpen} />
      </div>
      <p className="visually-hidden" role="status">{said}</p>
    </div>
  );
}

function NoOrders() {
  const { myOrders, shop } = useTexts();
  return (
    <section className="my-orders__none">
      <h2>{myOrders.none}</h2>
      <p className="muted">{myOrders.noneHelp}</p>
      <Link to="/" className="button">{shop.backToShop}</Link>
    </section>
  );
}

function Row({ order, onForget }: { order: RememberedOrder; onForget: () => void }) {
  const texts = useTexts().myOrders;
  const language = useLanguage();
  return (
    <li className="my-order" data-testid="my-order">
      <div>
        <p className="my-order__number">{order.number}</p>
        <p className="muted small">{texts.orderedAt(formatWib(order.orderedAt, language))}</p>
      </div>
      <Link to={orderAddress(order.id)} className="button button--quiet" aria-label={texts.openNamed(order.number)}>
        {texts.open}
      </Link>
      <button type="button" className="link-button" aria-label={texts.forgetNamed(order.number)} onClick={onForget}>
        {texts.forget}
      </button>
    </li>
  );
}
