import { useState } from "react";

import type { Product } from "@/shared/api/contract";
import { useProducts } from "@/shared/api/queries";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { MessagePage } from "@/shared/ui/MessagePage";
import { useTitle } from "@/shared/ui/useTitle";

import { ProductCard } from "./ProductCard";
import "./catalogue.css";

interface Props {
  quantityInCart: (sku: string) => number;
  onAdd: (sku: string) => void;
}

/** The shop's first page: everything it sells. */
export function CataloguePage(props: Props) {
  const { catalogue, shop } = useTexts();
  const products = useProducts();
  useTitle(catalogue.title);

  if (products.isError && !products.data) {
    return (
      <MessagePage title={catalogue.failed} help={catalogue.failedHelp}>
        <button type="button" className="button" onClick={() => void products.refetch()}>{shop.tryAgain}</button>
      </MessagePage>
    );
  }
  return (
    <>
      <section className="hero">
        <p className="hero__eyebrow">{catalogue.eyebrow}</p>
        <h1>{catalogue.headline}</h1>
        <p className="hero__lead">{catalogue.lead}</p>
      </section>
      {products.data ? <ProductGrid products={products.data} {...props} /> : <LoadingGrid />}
    </>
  );
}

const FIRST_ROW = 4;

function ProductGrid({ products, quantityInCart, onAdd }: Props & { products: readonly Product[] }) {
  const { catalogue } = useTexts();
  const language = useLanguage();
  const [added, setAdded] = useState("");
  return (
    <section aria-labelledby="products-heading">
      <div className="grid-head">
        <h2 id="products-heading">{catalogue.listLabel}</h2>
        <span className="muted">{catalogue.count(products.length)}</span>
      </div>
      <ul className="product-grid">
        {products.map((product, position) => (
          <ProductCard
            key={product.sku}
            product={product}
            inCart={quantityInCart(product.sku)}
            eager={position < FIRST_ROW}
            onAdd={() => {
              onAdd(product.sku);
              setAdded(catalogue.added(product.name[language]));
            }}
          />
        ))}
      </ul>
      <p className="visually-hidden" role="status">{added}</p>
    </section>
  );
}

function LoadingGrid() {
  const { shop } = useTexts();
  return (
    <section aria-busy="true">
      <p className="visually-hidden" role="status">{shop.loading}</p>
      <ul className="product-grid" aria-hidden="true">
        {Array.from({ length: 8 }, (_, position) => <li key={position} className="product-card product-card--empty" />)}
      </ul>
    </section>
  );
}
