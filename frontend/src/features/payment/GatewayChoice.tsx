import type { GatewayConfig, GatewayId } from "@/shared/api/contract";
import { useTexts } from "@/shared/i18n/language";

import "./payment.css";

interface Props {
  gateways: readonly GatewayConfig[];
  chosen: GatewayId;
  onChoose: (gateway: GatewayId) => void;
}

/** Lets the shopper choose who processes the payment; nothing to see where there is no choice. */
export function GatewayChoice({ gateways, chosen, onChoose }: Props) {
  const texts = useTexts();
  if (gateways.length < 2) return null;
  return (
    <fieldset className="gateway-choice">
      <legend>{texts.gateways.legend}</legend>
      {gateways.map(({ id }) => (
        <label key={id} className="gateway-option" htmlFor={`gateway-${id}`}>
          <input
            id={`gateway-${id}`}
            type="radio"
            name="gateway"
            value={id}
            checked={id === chosen}
            data-testid={`gateway-${id}`}
            onChange={() => { onChoose(id); }}
          />
          <span className="gateway-option__text">
            <strong>{texts.gateways[id].name}</strong>
            <span>{texts.gateways[id].explanation}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
