interface Props {
  src: string;
  /** Empty where the name stands beside the picture. */
  alt: string;
  /** Edge in CSS pixels; reserves the square before the picture is there. */
  size: number;
  eager?: boolean;
}

/** A square product picture that never moves the page while it loads. */
export function Picture({ src, alt, size, eager = false }: Props) {
  return (
    <img
      className="picture"
      src={src}
      alt={alt}
      width={size}
      height={size}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
    />
  );
}
