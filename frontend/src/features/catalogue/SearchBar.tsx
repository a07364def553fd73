import { useState } from "react";

import { useTexts } from "@/shared/i18n/language";
import { Icon } from "@/shared/ui/Icon";

import { ORDERS } from "./searchProducts";
import type { Order, Search } from "./searchProducts";

interface Props {
  search: Search;
  onSearch: (search: Search) => void;
}

/** Words, order and stock: the list below follows while the shopper types. */
export function SearchBar({ search, onSearch }: Props) {
  const texts = useTexts().search;
  return (
    <form role="search" className="search" onSubmit={(event) => { event.preventDefault(); }}>
      <Words words={search.words} onWords={(words) => { onSearch({ ...search, words }); }} />
      <label className="search__order">
        <span>{texts.order}</span>
        <select
          value={search.order}
          onChange={({ target }) => { onSearch({ ...search, order: target.value as Order }); }}
        >
          {ORDERS.map((order) => <option key={order} value={order}>{texts.orders[order]}</option>)}
        </select>
      </label>
      <label className="search__stock">
        <input
          type="checkbox"
          checked={search.onlyAvailable}
          onChange={({ target }) => { onSearch({ ...search, onlyAvailable: target.checked }); }}
        />
        {texts.onlyAvailable}
      </label>
    </form>
  );
}

/** The field keeps what is being typed: the address follows a moment later, and must take no letter back. */
function Words({ words, onWords }: { words: string; onWords: (words: string) => void }) {
  const texts = useTexts().search;
  const [typed, setTyped] = useState<string>();
  return (
    <div className="search__words">
      <Icon name="loupe" size={20} />
      <input
        type="search"
        aria-label={texts.label}
        placeholder={texts.hint}
        autoComplete="off"
        value={typed ?? words}
        onChange={({ target }) => { setTyped(target.value); onWords(target.value); }}
        onBlur={() => { setTyped(undefined); }}
      />
      {words !== "" && (
        <button
          type="button"
          className="search__clear"
          aria-label={texts.clear}
          onClick={() => { setTyped(undefined); onWords(""); }}
        >
          <Icon name="cross" size={18} />
        </button>
      )}
    </div>
  );
}
