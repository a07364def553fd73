import { Link } from "react-router";

import type { Product } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { productAddress } from "@/shared/routes/addresses";
import { Icon } from "@/shared/ui/Icon";
import type { IconName } from "@/shared/ui/Icon";
import { Picture } from "@/shared/ui/Picture";

/** How many goods the front has room for. */
export const SHOWN_IN_HERO = 3;

/** Who the shop is; the showcased goods join when they are known, in room that was kept for them. */
export function Hero({ showcase }: { showcase: readonly Product[] | undefined }) {
  const { catalogue } = useTexts();
  return (
    <section className="hero">
      <div className="hero__words">
        <p className="hero__eyebrow">{catalogue.eyebrow}</p>
        <h1>{catalogue.headline}</h1>
        <p className="hero__lead">{catalogue.lead}</p>
      </div>
      {showcase
        ? <ul className="hero__showcase">{showcase.map((one) => <ShowcaseItem key={one.sku} product={one} />)}</ul>
        : <EmptyShowcase />}
    </section>
  );
}

function EmptyShowcase() {
  return (
    <div className="hero__showcase" aria-hidden="true">
      {Array.from({ length: SHOWN_IN_HERO }, (_, position) => (
        <div key={position} className="hero__item hero__item--empty">
          <span className="picture" />
          <span className="hero__name" />
          <span className="money">&nbsp;</span>
        </div>
      ))}
    </div>
  );
}

function ShowcaseItem({ product }: { product: Product }) {
  const language = useLanguage();
  return (
    <li>
      <Link to={productAddress(product.sku)} className="hero__item">
        <Picture src={product.image_url} alt="" size={220} eager />
        <span className="hero__name">{product.name[language]}</span>
        <span className="money">{formatRupiah(product.price_idr)}</span>
      </Link>
    </li>
  );
}

/** Three things a shopper wants to know before anything else. */
export function Promises() {
  const texts = useTexts().promises;
  return (
    <ul className="promises" aria-label={texts.label}>
      <Promise icon="card" title={texts.paymentTitle} words={texts.payment} />
      <Promise icon="truck" title={texts.deliveryTitle} words={texts.delivery} />
      <Promise icon="pulse" title={texts.honestyTitle} words={texts.honesty} />
    </ul>
  );
}

function Promise({ icon, title, words }: { icon: IconName; title: string; words: string }) {
  return (
    <li>
      <Icon name={icon} size={26} />
      <p><strong>{title}</strong><span>{words}</span></p>
    </li>
  );
}
