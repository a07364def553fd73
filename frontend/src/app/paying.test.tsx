import { act, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { chooseLanguage } from "@/shared/i18n/language";
import { exampleInvoice, exampleOrder, exampleProduct, exampleRefund } from "@/shared/testing/examples";
import { json, problem } from "@/shared/testing/fakeApi";

import { fillCart, fillForm, openShop } from "./testing/openShop";

const CREATE = "POST /api/payments/create-transaction";
const ORDER = "GET /api/orders/order-1";
const paid = { status: "paid", final: true, paid_at: "2026-11-23T05:01:00+00:00" } as const;
const closedPayment = { ...exampleOrder().payment, continue: null, qr_url: null, method: "gopay", method_label: "GoPay" };

function sawPrice(priceIdr: number) {
  window.localStorage.setItem("lunas.prices.v1", JSON.stringify({ KOPI: priceIdr }));
}

afterEach(() => { act(() => { chooseLanguage("id"); }); });

test("a price that rose since the cart is shown line by line, and nothing is paid before the shopper agrees", async () => {
  fillCart(2);
  sawPrice(90_000);
  const { user, seen } = openShop("/checkout", { [CREATE]: () => json(exampleInvoice(), 201), [ORDER]: () => json(exampleOrder()) });
  await fillForm(user);
  const changes = screen.getByTestId("cart-changes");
  expect(changes).toHaveTextContent("Kopi Gayo: harga Rp 90.000 menjadi Rp 98.000");
  expect(changes).toHaveTextContent("Total baru: Rp 196.000");

  await user.click(screen.getByTestId("pay-button"));
  expect(seen.filter(({ method }) => method === "POST")).toEqual([]);
  expect(screen.getByTestId("accept-changes")).toHaveFocus();

  await user.click(screen.getByTestId("accept-changes"));
  expect(screen.queryByTestId("cart-changes")).toBeNull();
  await user.click(screen.getByTestId("gateway-xendit"));
  await user.click(screen.getByTestId("pay-button"));
  expect(await screen.findByTestId("order-number")).toBeVisible();
  expect(seen.find(({ method }) => method === "POST")?.body).toMatchObject({
    items: [{ sku: "KOPI", quantity: 2, expected_price_idr: 98_000 }],
  });
});

test("stock that fell short and a product that is gone are named, and the cart follows on agreement", async () => {
  window.localStorage.setItem("lunas.cart.v1", '[{"sku":"KOPI","quantity":7},{"sku":"GONE","quantity":1}]');
  const { user } = openShop("/checkout");

  const changes = await screen.findByTestId("cart-changes");
  expect(changes).toHaveTextContent("Kopi Gayo: stok tinggal 5");
  expect(changes).toHaveTextContent("Barang GONE tidak dijual lagi");
  expect(changes).toHaveTextContent("Total baru: Rp 490.000");
  await user.click(screen.getByTestId("accept-changes"));

  expect(window.localStorage.getItem("lunas.cart.v1")).toBe('[{"sku":"KOPI","quantity":5}]');
  expect(screen.getByTestId("pay-button")).toHaveTextContent("Bayar Rp 490.000");
});

test("a price that changed after the page was opened is refused by the shop, shown, and agreed to", async () => {
  fillCart(1);
  let price = 98_000;
  const errors = [{ field: "items", code: "price_changed", message: "", sku: "KOPI", price_idr: 105_000 }];
  const { user, seen } = openShop("/checkout", {
    "GET /api/products": () => json({ products: [exampleProduct({ price_idr: price })] }),
    [CREATE]: () => problem(409, "price_changed", { errors }),
  });
  await fillForm(user);
  price = 105_000;
  await user.click(screen.getByTestId("pay-button"));

  expect(await screen.findByTestId("cart-changes")).toHaveTextContent("harga Rp 98.000 menjadi Rp 105.000");
  expect(screen.getByText(/Belum ada yang dipesan/)).toBeVisible();
  await user.click(screen.getByTestId("accept-changes"));
  expect(screen.queryByText(/Belum ada yang dipesan/)).toBeNull();
  expect(screen.getByTestId("pay-button")).toHaveTextContent("Bayar Rp 105.000");
  await user.click(screen.getByTestId("pay-button"));
  await waitFor(() => { expect(seen.filter(({ method }) => method === "POST")).toHaveLength(2); });
  expect(seen.filter(({ method }) => method === "POST")[1]?.body).toMatchObject({
    items: [{ expected_price_idr: 105_000 }],
  });
});

test("after a refusal for now the button counts down, then asks again", async () => {
  fillCart(1);
  const down = () => {
    const answer = problem(503, "gateway_unavailable", { order_id: "order-1" });
    answer.headers.set("Retry-After", "2");
    return answer;
  };
  const { user, seen } = openShop("/checkout", { [CREATE]: down });
  await fillForm(user);
  await user.click(screen.getByTestId("pay-button"));

  expect(await screen.findByText("Coba lagi dalam 2 detik")).toBeVisible();
  await user.click(screen.getByTestId("pay-button"));
  expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1);
  await waitFor(() => { expect(screen.getByTestId("pay-button")).toHaveTextContent("Coba lagi"); });
  await waitFor(() => { expect(screen.getByTestId("pay-button")).toHaveAttribute("aria-disabled", "false"); });
  await user.click(screen.getByTestId("pay-button"));
  await waitFor(() => { expect(seen.filter(({ method }) => method === "POST")).toHaveLength(2); });
});

test("an error that the server found goes as soon as its field is changed", async () => {
  fillCart(1);
  const errors = [{ field: "customer.phone", code: "invalid", message: "Nomor ini tidak aktif." }];
  const { user } = openShop("/checkout", { [CREATE]: () => problem(422, "validation_failed", { errors }) });
  await fillForm(user);
  await user.click(screen.getByTestId("pay-button"));
  await screen.findByText("Nomor ini tidak aktif.");

  await user.type(screen.getByTestId("field-phone"), "1");

  expect(screen.queryByText("Nomor ini tidak aktif.")).toBeNull();
  await user.click(screen.getByTestId("pay-button"));
  expect(await screen.findByText("Nomor ini tidak aktif.")).toBeVisible();
});

test("a number is read back, and a well-known slip in an address is put right with one press", async () => {
  fillCart(1);
  const { user } = openShop("/checkout");
  await user.type(await screen.findByTestId("field-phone"), "081234567890");
  await user.type(screen.getByTestId("field-email"), "sari@gmial.com");
  await user.tab();

  expect(screen.getByText("Kami akan memakai +62 812-3456-7890")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Maksud Anda sari@gmail.com?" }));
  expect(screen.getByTestId("field-email")).toHaveValue("sari@gmail.com");
});

test("a bill shows its two numbers, each to be copied by itself", async () => {
  const instructions = { kind: "bill", label: "Mandiri Bill", number: "123456789012", company_code: "70012" } as const;
  const order = exampleOrder({ payment: { ...exampleOrder().payment, instructions } });
  const { user } = openShop("/orders/order-1", { [ORDER]: () => json(order) });

  expect(await screen.findByTestId("pay-number")).toHaveTextContent("123456789012");
  await user.click(screen.getByRole("button", { name: /Salin Kode perusahaan/ }));
  expect(await navigator.clipboard.readText()).toBe("70012");
});

test("an open page can be gone on with on a telephone, a closed one cannot", async () => {
  openShop("/orders/order-1", { [ORDER]: () => json(exampleOrder()) });

  const picture = await screen.findByTestId("page-qr");
  expect(picture).toHaveAttribute("src", "/api/orders/order-1/page.svg");
  expect(picture).toHaveAccessibleName(/QR/);
});

test("a wallet whose code is in the payment window is told so", async () => {
  const payment = { ...exampleOrder().payment, method: "qris", method_label: "QRIS" };
  openShop("/orders/order-1", { [ORDER]: () => json(exampleOrder({ payment })) });

  expect(await screen.findByText(/Anda memilih QRIS/)).toBeVisible();
});

test.each([
  ["requested", "Diajukan", 1],
  ["approved", "Disetujui", 2],
  ["sent", "Dikirim", 3],
  ["succeeded", "Selesai", 4],
] as const)("a refund that is %s stands at %s", async (step, name, reached) => {
  const order = exampleOrder({ ...paid, payment: closedPayment, refunds: [exampleRefund({ step })] });
  openShop("/orders/order-1", { [ORDER]: () => json(order) });

  const refund = await screen.findByTestId("refund");
  expect(refund).toHaveTextContent("Pengembalian Rp 50.000 ke GoPay");
  expect(within(refund).getByText(name)).toHaveAttribute("aria-current", "step");
  expect(refund.querySelectorAll(".is-reached")).toHaveLength(reached);
  expect(refund).toHaveTextContent("hari yang sama, paling lama 1 hari kerja");
});

test("a refund by transfer that failed is told without promises", async () => {
  const refunds = [exampleRefund({ step: "failed", method_label: null, least_days: 1, most_days: 3 })];
  openShop("/orders/order-1", { [ORDER]: () => json(exampleOrder({ ...paid, payment: closedPayment, refunds })) });

  const refund = await screen.findByTestId("refund");
  expect(refund).toHaveTextContent("lewat transfer bank");
  expect(refund).toHaveTextContent("Uang Anda aman");
  expect(refund).not.toHaveTextContent("hari kerja");
});

test("a paid order leads to a receipt that can be printed, with what was refunded", async () => {
  const order = exampleOrder({ ...paid, status: "partially_refunded", payment: closedPayment, refunded_idr: 50_000 });
  const print = vi.fn();
  vi.stubGlobal("print", print);
  const { user } = openShop("/orders/order-1", { [ORDER]: () => json(order) });
  await user.click(await screen.findByTestId("receipt-link"));

  const receipt = await screen.findByTestId("receipt");
  expect(screen.getByTestId("address")).toHaveTextContent("/orders/order-1/receipt");
  for (const part of ["LN-7K3QW9ZD4M", "Sari Wulandari", "GoPay", "Rp 98.000", "Rp 196.000", "-Rp 50.000", "Rp 146.000"]) {
    expect(receipt).toHaveTextContent(part);
  }
  await user.click(screen.getByRole("button", { name: "Cetak" }));
  expect(print).toHaveBeenCalledTimes(1);
});

test("an order that was not paid has no receipt and no link to one", async () => {
  openShop("/orders/order-1/receipt", { [ORDER]: () => json(exampleOrder()) });

  expect(await screen.findByRole("heading", { name: "Belum ada bukti pembayaran" })).toBeVisible();
  expect(screen.queryByTestId("receipt-link")).toBeNull();
});

test("a receipt of an order that is unknown says so", async () => {
  openShop("/orders/order-1/receipt", { [ORDER]: () => problem(404, "order_not_found") });

  expect(await screen.findByRole("heading", { name: "Pesanan tidak ditemukan" })).toBeVisible();
});

test("the price at which something came into the cart is kept, also from the catalogue", async () => {
  const { user } = openShop("/");
  const [add] = await screen.findAllByTestId("add-to-cart");
  if (!add) throw new Error("a product expected");

  await user.click(add);

  await waitFor(() => { expect(window.localStorage.getItem("lunas.prices.v1")).toBe('{"KOPI":98000}'); });

});
