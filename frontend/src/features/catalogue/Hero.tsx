import { Link } from "react-router";

import type { Product } from "@/shared/api/contract";
import { useLanguage, useTexts } from "@/shared/i18n/language";
import { formatRupiah } from "@/shared/money/rupiah";
import { productAddress } from "@/shared/routes/addresses";
import { Icon } from "@/shared/ui/Icon";
import type { IconName } from "@/shared/ui/Icon";
import { Picture } from "@/shared/ui/Picture";

/** Who the shop is; the showcased goods join when they are known, in room that was kept for them. */
export function Hero({ showcase }: { showcase: readonly Product[] }) {
  const { catalogue } = useTexts();
  return (
    <section className="hero">
      <div className="hero__words">
        <p className="hero__eyebrow">{catalogue.eyebrow}</p>
        <h1>{catalogue.headline}</h1>
        <p className="hero__lead">{catalogue.lead}</p>
      </div>
      <ul className="hero__showcase">
        {showcase.map((product) => <ShowcaseItem key={product.sku} product={product} />)}
      </ul>
    </section>
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
