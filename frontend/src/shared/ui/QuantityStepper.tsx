interface Props {
  quantity: number;
  /** The most that can be chosen; the least is one. */
  most: number;
  /** What the group, its minus and its plus are called. */
  names: { group: string; less: string; more: string };
  onQuantity: (quantity: number) => void;
}

/** A number with a minus and a plus, between one and the most there is. */
export function QuantityStepper({ quantity, most, names, onQuantity }: Props) {
  return (
    <div className="stepper" role="group" aria-label={names.group}>
      <button
        type="button"
        aria-label={names.less}
        disabled={quantity <= 1}
        onClick={() => { onQuantity(quantity - 1); }}
      >
        −
      </button>
      <output aria-live="polite">{quantity}</output>
      <button
        type="button"
        aria-label={names.more}
        disabled={quantity >= most}
        onClick={() => { onQuantity(quantity + 1); }}
      >
        +
      </button>
    </div>
  );
}
