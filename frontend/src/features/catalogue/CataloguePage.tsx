import { useSearchParams } from "react-router";

import type { Product } from "@/shared/api/contract";
import { useProducts } from "@/shared/api/queries";
import { useTexts } from "@/shared/i18n/language";
import { LoadFailed } from "@/shared/ui/LoadFailed";
import { useTitle } from "@/shared/ui/useTitle";

import { Hero, Promises, SHOWN_IN_HERO } from "./Hero";
import { LoadingGrid, ProductGrid } from "./ProductGrid";
import { SearchBar } from "./SearchBar";
import { readSearch, searchProducts, writeSearch } from "./searchProducts";
import type { Search } from "./searchProducts";
import "./catalogue.css";

interface Props {
  quantityInCart: (sku: string) => number;
  onAdd: (sku: string) => void;
}

/** The shop's first page: what it stands for, and everything it sells. */
export function CataloguePage(props: Props) {
  const { catalogue } = useTexts();
  const products = useProducts();
  useTitle(catalogue.title);

  if (products.isError && !products.data) return <LoadFailed onAgain={() => void products.refetch()} />;
  return (
    <>
      <Hero showcase={products.data && showcaseOf(products.data)} />
      <Promises />
      <Goods products={products.data} {...props} />
    </>
  );
}

/** The dearest goods that can be bought: what the shop is proudest of. */
function showcaseOf(products: readonly Product[]): readonly Product[] {
  return searchProducts(products, { words: "", order: "dear", onlyAvailable: true }).slice(0, SHOWN_IN_HERO);
}

function Goods({ products, ...cart }: Props & { products: readonly Product[] | undefined }) {
  const { catalogue, search: texts } = useTexts();
  const [query, setQuery] = useSearchParams();
  const search = readSearch(query);
  // Replacing: "back" leaves the list instead of taking letters out of the search.
  const onSearch = (changed: Search) => { setQuery(writeSearch(changed), { replace: true }); };
  const found = searchProducts(products ?? [], search);
  return (
    <section aria-labelledby="products-heading">
      <div className="grid-head">
        <h2 id="products-heading">{catalogue.listLabel}</h2>
        <p className="muted" role="status">{products && texts.found(found.length, products.length)}</p>
      </div>
      <SearchBar search={search} onSearch={onSearch} />
      {products ? <ProductGrid products={found} {...cart} /> : <LoadingGrid />}
      {products && found.length === 0 && <NothingFound onShowAll={() => { setQuery({}, { replace: true }); }} />}
    </section>
  );
}

function NothingFound({ onShowAll }: { onShowAll: () => void }) {
  const { search } = useTexts();
  return (
    <div className="nothing-found">
      <h3>{search.nothing}</h3>
      <p className="muted">{search.nothingHelp}</p>
      <button type="button" className="button button--quiet" onClick={onShowAll}>{search.showAll}</button>
    </div>
  );
}
