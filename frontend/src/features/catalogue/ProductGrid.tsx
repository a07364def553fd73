import { useState } from "react";

import type { Product } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";

import { ProductCard } from "./ProductCard";

interface Props {
  products: readonly Product[];
  quantityInCart: (sku: string) => number;
  onAdd: (sku: string) => void;
}

const FIRST_ROW = 4;

/** Products side by side; what is put into the cart is also said. */
export function ProductGrid({ products, quantityInCart, onAdd }: Props) {
  const { catalogue } = useTexts();
  const language = useLanguage();
  const [added, setAdded] = useState("");
  return (
    <>
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
    </>
  );
}

/** Room for the products that are on their way, so that nothing moves when they come. */
export function LoadingGrid() {
  const { shop } = useTexts();
  return (
    <div aria-busy="true">
      <p className="visually-hidden" role="status">{shop.loading}</p>
      <ul className="product-grid" aria-hidden="true">
        {Array.from({ length: 8 }, (_, position) => <li key={position} className="product-card product-card--empty" />)}
      </ul>
    </div>
  );
}
