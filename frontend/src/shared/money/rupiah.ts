/** Show whole rupiah as Indonesian shops print it: `Rp 150.000`, in every language of the shop. */
export function formatRupiah(amountIdr: number): string {
  const digits = Math.abs(Math.trunc(amountIdr)).toString();
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, ".");
  return `${amountIdr < 0 ? "-" : ""}Rp\u00a0${grouped}`;
}
