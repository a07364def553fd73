import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { clearCart, setQuantity, useCart } from "@/features/cart/cartStore";
import { priceCart } from "@/features/cart/pricedCart";
import type { PricedCart } from "@/features/cart/pricedCart";
import { CheckoutPage } from "@/features/checkout/CheckoutPage";
import { GatewayChoice } from "@/features/payment/GatewayChoice";
import { handlePayment } from "@/features/payment/handlePayment";
import { PaymentProblem } from "@/features/payment/PaymentProblem";
import type { Shortage } from "@/features/payment/PaymentProblem";
import { usePaymentAction } from "@/features/payment/usePaymentAction";
import type { Customer, GatewayId, Product, ShopConfig } from "@/shared/api/contract";
import { mayPass } from "@/shared/api/problem";
import type { ApiProblem } from "@/shared/api/problem";
import { useProducts, useShopConfig } from "@/shared/api/queries";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { LoadFailed } from "@/shared/ui/LoadFailed";
import { MessagePage } from "@/shared/ui/MessagePage";

import { usePaymentSurroundings } from "./usePaymentSurroundings";

/** The checkout, joined to cart, catalogue and payment. */
export function CheckoutRoute() {
  const { shop, cart: texts } = useTexts();
  const cart = useCart();
  const products = useProducts();
  const config = useShopConfig();

  if (cart.length === 0) {
    return (
      <MessagePage title={texts.empty} help={texts.emptyHelp}>
        <Link to="/" className="button">{shop.backToShop}</Link>
      </MessagePage>
    );
  }
  if (products.data && config.data) {
    return <FilledCheckout cart={priceCart(cart, products.data)} products={products.data} config={config.data} />;
  }
  if (!products.isError && !config.isError) return <p role="status">{shop.loading}</p>;
  const again = () => { void products.refetch(); void config.refetch(); };
  return <LoadFailed onAgain={again} />;
}

interface FilledProps {
  cart: PricedCart;
  products: readonly Product[];
  config: ShopConfig;
}

function FilledCheckout({ cart, products, config }: FilledProps) {
  const language = useLanguage();
  const [gateway, setGateway] = useState<GatewayId>(config.gateways[0]?.id ?? "midtrans");
  const { pay, busy, problem, clear } = usePay(cart, config, gateway);
  const nameOf = (sku: string) => products.find((product) => product.sku === sku)?.name[language] ?? sku;
  const adjust = (shortages: readonly Shortage[]) => {
    shortages.forEach(({ sku, available }) => { setQuantity(sku, available); });
    clear();
  };
  return (
    <CheckoutPage
      lines={cart.lines.map(({ product, quantity, lineTotalIdr }) => ({
        sku: product.sku,
        name: product.name[language],
        quantity,
        lineTotalIdr,
        imageUrl: product.image_url,
      }))}
      totalIdr={cart.totalIdr}
      busy={busy}
      tryAgain={problem !== null && mayPass(problem)}
      serverErrors={problem?.code === "validation_failed" ? problem.errors : []}
      gatewayChoice={<GatewayChoice gateways={config.gateways} chosen={gateway} onChoose={setGateway} />}
      problem={problem && (
        <PaymentProblem problem={problem} nameOf={nameOf} onAdjust={adjust}>
          <KeptOrder problem={problem} />
        </PaymentProblem>
      )}
      onPay={pay}
    />
  );
}

/** Pays for the cart; a change of stock that came to light is shown in the catalogue, too. */
function usePay(cart: PricedCart, config: ShopConfig, gateway: GatewayId) {
  const queries = useQueryClient();
  const surroundings = usePaymentSurroundings(config);
  const { run, busy, problem, clear } = usePaymentAction();
  const items = cart.lines.map(({ product, quantity }) => ({ sku: product.sku, quantity }));

  const pay = (customer: Customer) => {
    const purchase = { gateway, items, customer, locale: surroundings.language };
    void run(() => handlePayment(purchase, surroundings, clearCart)).then(() =>
      queries.invalidateQueries({ queryKey: ["products"] }),
    );
  };
  return { pay, busy, problem, clear };
}

function KeptOrder({ problem }: { problem: ApiProblem }) {
  const { problems } = useTexts();
  if (problem.orderId === null) return null;
  return (
    <p>{problems.orderKept} <Link to={`/orders/${encodeURIComponent(problem.orderId)}`}>{problems.seeOrder}</Link></p>
  );
}
